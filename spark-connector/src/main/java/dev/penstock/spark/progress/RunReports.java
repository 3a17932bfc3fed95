package dev.penstock.spark.progress;

import dev.penstock.engine.train.RankSnapshot;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.TrainingListener;
import dev.penstock.engine.train.ValidationReport;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;

/** What the ranks tell while they train, on its way to the driver. */
public final class RunReports implements TrainingListener, Serializable {
  private static final long serialVersionUID = 1L;
  private static final int KEPT = 128;

  /** Large, but several: heartbeats of executors come at different times. */
  private static final int KEPT_SNAPSHOTS = 3;

  final ReportChannel<StepReport> steps = new ReportChannel<>(StepReport.class, KEPT);
  final ReportChannel<ValidationReport> validations =
      new ReportChannel<>(ValidationReport.class, KEPT);
  final ReportChannel<Long> checkpoints = new ReportChannel<>(Long.class, KEPT);
  final ReportChannel<RankSnapshot> ranks = new ReportChannel<>(RankSnapshot.class, KEPT_SNAPSHOTS);

  private RunReports() {}

  /** Makes the reports of a run; on the driver. */
  public static RunReports register(SparkContext spark, String runId) {
    RunReports reports = new RunReports();
    reports.steps.register(spark, "training steps of " + runId);
    reports.validations.register(spark, "validations of " + runId);
    reports.checkpoints.register(spark, "checkpoints of " + runId);
    reports.ranks.register(spark, "ranks of " + runId);
    return reports;
  }

  /** The latest steps that this rank has told of, oldest first. */
  public List<StepReport> latestSteps() {
    return steps.kept();
  }

  /** The latest validations that this rank has told of, oldest first. */
  public List<ValidationReport> latestValidations() {
    return validations.kept();
  }

  @Override
  public void onStep(StepReport report) {
    steps.add(report, RunReports::words);
  }

  static String words(StepReport step) {
    return String.format(
        Locale.ROOT,
        "step %,d: loss %.4f, gradient norm %.3f, learning rate %.2e",
        step.step(),
        step.loss(),
        step.gradNorm(),
        step.learningRate());
  }

  @Override
  public void onValidation(ValidationReport report) {
    validations.add(
        report,
        found -> String.format(Locale.ROOT, "step %,d: loss %.4f", found.step(), found.loss()));
  }

  @Override
  public void onCheckpoint(long step) {
    checkpoints.add(step, saved -> String.format(Locale.ROOT, "step %,d", saved));
  }

  @Override
  public void onSnapshot(RankSnapshot snapshot) {
    ranks.add(
        snapshot,
        rank ->
            String.format(
                Locale.ROOT,
                "step %,d: rank %d held %,.1f MB",
                rank.step(),
                rank.ppRank(),
                rank.peakBytes() / 1e6));
  }
}
