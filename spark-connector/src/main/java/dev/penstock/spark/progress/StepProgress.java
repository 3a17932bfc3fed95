package dev.penstock.spark.progress;

import dev.penstock.engine.train.RankSnapshot;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.List;

/**
 * How far a run is. What comes several times, with every heartbeat and in the end once more, it
 * tells the listeners once.
 *
 * <p>Safe for use by several threads: the listener's, and at the end the caller's.
 */
public final class StepProgress {
  private final FitListeners listeners;
  private long lastStep;
  private long lastValidation;
  private long lastCheckpoint;
  private SnapshotGathering ranks = new SnapshotGathering();

  public StepProgress(FitListeners listeners) {
    this.listeners = listeners;
  }

  /** Tells something else, as a line. */
  public void tell(String line) {
    tell(new FitEvent.Noted(line));
  }

  /** Tells of something else. */
  public synchronized void tell(FitEvent event) {
    listeners.tell(event);
  }

  /** Takes the latest steps and validations, oldest first; those seen before are skipped. */
  public synchronized void accept(List<StepReport> steps, List<ValidationReport> validations) {
    for (StepReport step : steps) {
      if (step.step() > lastStep) {
        accept(validations, step.step() - 1);
        lastStep = step.step();
        listeners.tell(new FitEvent.Stepped(step));
      }
    }
    accept(validations, lastStep);
  }

  /** Takes the steps of the latest checkpoints, oldest first; those seen before are skipped. */
  public synchronized void acceptCheckpoints(List<Long> steps) {
    for (long step : steps) {
      if (step > lastCheckpoint) {
        lastCheckpoint = step;
        listeners.tell(new FitEvent.Checkpointed(step));
      }
    }
  }

  /** Takes what some ranks tell of themselves; told on once all have told of a step. */
  public synchronized void acceptSnapshots(List<RankSnapshot> snapshots) {
    ranks.accept(snapshots).ifPresent(listeners::tell);
  }

  /** The latest step so far. */
  public synchronized long lastStep() {
    return lastStep;
  }

  /** An attempt begins behind a step; steps up to the latest that is known are not told again. */
  public synchronized void begin(int attempt, long afterStep) {
    lastStep = Math.max(lastStep, afterStep);
    lastValidation = Math.max(lastValidation, afterStep);
    ranks = new SnapshotGathering();
    listeners.tell(new FitEvent.AttemptStarted(attempt, afterStep));
  }

  private void accept(List<ValidationReport> validations, long untilStep) {
    for (ValidationReport validation : validations) {
      if (validation.step() > lastValidation && validation.step() <= untilStep) {
        lastValidation = validation.step();
        listeners.tell(new FitEvent.Validated(validation));
      }
    }
  }
}
