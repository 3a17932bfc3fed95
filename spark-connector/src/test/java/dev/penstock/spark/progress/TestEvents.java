package dev.penstock.spark.progress;

import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Events of a fit that writes into a folder. */
public final class TestEvents {
  private TestEvents() {}

  public static FitEvent.Planned planned(
      String runId, String run, long numSteps, int validationInterval, Path model) {
    return new FitEvent.Planned(
        runId,
        run,
        model.toUri().toString(),
        numSteps,
        validationInterval,
        Map.of("seed", "7", "inputCol", "text"),
        List.of(),
        List.of(estimate(0), estimate(1)),
        Schedules.named("1f1b").generate(2, 1, 4));
  }

  private static MemoryEstimate estimate(int ppRank) {
    return new MemoryEstimate(ppRank, 4_000_000, 4_000_000, 8_000_000, 3_000_000, 2_000_000, 0, 0);
  }

  public static FitEvent.Completed completed(
      List<StepReport> steps, List<ValidationReport> validations, Path model) {
    return new FitEvent.Completed(
        model.toUri().toString(), steps, validations, List.of(), Map.of("steps", 1.0), null);
  }
}
