package dev.penstock.engine.train;

import dev.penstock.engine.schedule.TimelineSpan;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What a rank hands back to its host: small facts, never weights.
 *
 * @param rank the rank
 * @param steps reports of every step, on the reporting rank; elsewhere empty
 * @param validations every validation, on every rank; empty if there was none
 * @param bestStep steps before the best of them; 0 if there was none
 * @param savedFile the safetensors file this rank wrote, or empty if it wrote none
 * @param savedTensors bytes of each tensor in that file, by name
 * @param timeline when this rank did what in the steps that were recorded
 * @param peakNativeBytes most memory the process of this rank held, in bytes
 * @param estimate what was expected of this rank before it ran
 */
public record RankResult(
    int rank,
    List<StepReport> steps,
    List<ValidationReport> validations,
    long bestStep,
    String savedFile,
    Map<String, Long> savedTensors,
    List<TimelineSpan> timeline,
    long peakNativeBytes,
    MemoryEstimate estimate)
    implements Serializable {
  public RankResult {
    steps = List.copyOf(steps);
    validations = List.copyOf(validations);
    savedTensors = Map.copyOf(savedTensors);
    timeline = List.copyOf(timeline);
  }
}
