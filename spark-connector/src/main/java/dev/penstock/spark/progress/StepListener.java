package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.interop.GuardedListener;
import dev.penstock.spark.interop.Heartbeats;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;

/** Hears the steps of a running job: an accumulator's own value stays empty until a task ends. */
public final class StepListener extends GuardedListener {
  private final long stepsId;
  private final long validationsId;
  private final long checkpointsId;
  private final StepProgress progress;

  public StepListener(RunReports reports, StepProgress progress) {
    this.stepsId = reports.steps().id();
    this.validationsId = reports.validations().id();
    this.checkpointsId = reports.checkpoints().id();
    this.progress = progress;
  }

  @Override
  protected void heartbeat(SparkListenerExecutorMetricsUpdate heartbeat) {
    progress.accept(
        reports(heartbeat, stepsId, StepReport.class),
        reports(heartbeat, validationsId, ValidationReport.class));
    progress.acceptCheckpoints(reports(heartbeat, checkpointsId, Long.class));
  }

  private static <R> List<R> reports(
      SparkListenerExecutorMetricsUpdate heartbeat, long accumulatorId, Class<R> type) {
    List<R> reports = new ArrayList<>();
    for (Object value : Heartbeats.values(heartbeat, accumulatorId)) {
      ((RecentReports<?>) value).reports().forEach(report -> reports.add(type.cast(report)));
    }
    return reports;
  }
}
