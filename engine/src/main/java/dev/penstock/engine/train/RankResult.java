package dev.penstock.engine.train;

import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.schedule.TimelineSpan;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a rank hands back to its host: small facts, never weights.
 *
 * @param rank the rank
 * @param steps reports of every step, those before a resumed run's first too, on the reporting
 *     rank; elsewhere empty
 * @param validations every validation, on every rank; empty if there was none
 * @param bestStep steps before the best of them; 0 if there was none
 * @param saved the weight files this rank wrote
 * @param timeline when this rank did what in the steps that were recorded
 * @param peakNativeBytes most memory the process of this rank held, in bytes
 * @param estimate what was expected of this rank before it ran
 * @param phaseSeconds where the rank's time went, in order: natives (loading them), connect
 *     (meeting the other ranks), build (allocating), weights, steps, validation if there was one,
 *     save
 * @param dataSeconds what the rank spent on getting the rows of each step that it took, where the
 *     first stage is; elsewhere empty
 * @param checkpoints what checkpoints did and cost
 */
public record RankResult(
    int rank,
    List<StepReport> steps,
    List<ValidationReport> validations,
    long bestStep,
    List<SavedShard> saved,
    List<TimelineSpan> timeline,
    long peakNativeBytes,
    MemoryEstimate estimate,
    Map<String, Double> phaseSeconds,
    List<Double> dataSeconds,
    CheckpointSummary checkpoints)
    implements Serializable {
  public RankResult {
    steps = List.copyOf(steps);
    validations = List.copyOf(validations);
    saved = List.copyOf(saved);
    timeline = List.copyOf(timeline);
    phaseSeconds = Collections.unmodifiableMap(new LinkedHashMap<>(phaseSeconds));
    dataSeconds = List.copyOf(dataSeconds);
  }
}
