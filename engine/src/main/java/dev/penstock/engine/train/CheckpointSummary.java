package dev.penstock.engine.train;

import java.io.Serializable;
import java.util.List;

/**
 * What checkpoints did for a run and cost it, on one rank.
 *
 * @param resumedAtStep the step of the checkpoint that the run went on from; 0: it began anew
 * @param stopped whether the run ended before its last step because somebody asked for it
 * @param saved checkpoints made
 * @param bytes what this rank wrote
 * @param copySeconds how long the rank stood still to copy its state
 * @param waitSeconds how long it stood still because the checkpoint before was not written yet
 * @param problems checkpoints that were passed over or could not be written, and why
 */
public record CheckpointSummary(
    long resumedAtStep,
    boolean stopped,
    int saved,
    long bytes,
    double copySeconds,
    double waitSeconds,
    List<String> problems)
    implements Serializable {
  /** A run without checkpoints. */
  public static final CheckpointSummary NONE =
      new CheckpointSummary(0, false, 0, 0, 0, 0, List.of());

  public CheckpointSummary {
    problems = List.copyOf(problems);
  }

  /** The same of a run that was asked to end. */
  CheckpointSummary asStopped() {
    return new CheckpointSummary(
        resumedAtStep, true, saved, bytes, copySeconds, waitSeconds, problems);
  }

  /** How long the rank stood still. */
  public double stillSeconds() {
    return copySeconds + waitSeconds;
  }
}
