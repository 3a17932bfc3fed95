package dev.penstock.engine.train;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What a rank hands back to its host: small facts, never weights.
 *
 * @param rank the rank
 * @param steps reports of every step, on the reporting rank; elsewhere empty
 * @param savedFile the safetensors file this rank wrote, or empty if it wrote none
 * @param savedTensors bytes of each tensor in that file, by name
 * @param peakNativeBytes most native memory the process held, in bytes
 */
public record RankResult(
    int rank,
    List<StepReport> steps,
    String savedFile,
    Map<String, Long> savedTensors,
    long peakNativeBytes)
    implements Serializable {
  public RankResult {
    steps = List.copyOf(steps);
    savedTensors = Map.copyOf(savedTensors);
  }
}
