package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.TrainingListener;
import dev.penstock.engine.train.ValidationReport;
import java.io.Serializable;
import org.apache.spark.SparkContext;

/** What the reporting rank tells while it trains, on its way to the driver. */
public record RunReports(
    ReportAccumulator<StepReport> steps,
    ReportAccumulator<ValidationReport> validations,
    ReportAccumulator<Long> checkpoints)
    implements TrainingListener, Serializable {
  /** Makes the reports of a run; on the driver. */
  public static RunReports register(SparkContext spark, String runId) {
    RunReports reports =
        new RunReports(
            new ReportAccumulator<>(), new ReportAccumulator<>(), new ReportAccumulator<>());
    spark.register(reports.steps, "training steps of " + runId);
    spark.register(reports.validations, "validations of " + runId);
    spark.register(reports.checkpoints, "checkpoints of " + runId);
    return reports;
  }

  @Override
  public void onStep(StepReport report) {
    steps.add(report);
  }

  @Override
  public void onValidation(ValidationReport report) {
    validations.add(report);
  }

  @Override
  public void onCheckpoint(long step) {
    checkpoints.add(step);
  }
}
