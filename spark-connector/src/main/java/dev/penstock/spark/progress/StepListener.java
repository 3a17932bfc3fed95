package dev.penstock.spark.progress;

import dev.penstock.spark.interop.GuardedListener;
import dev.penstock.spark.interop.Heartbeats;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;

/** Hears the steps of a running job: an accumulator's own value stays empty until a task ends. */
public final class StepListener extends GuardedListener {
  private final RunReports reports;
  private final StepProgress progress;

  public StepListener(RunReports reports, StepProgress progress) {
    this.reports = reports;
    this.progress = progress;
  }

  @Override
  protected void heartbeat(SparkListenerExecutorMetricsUpdate heartbeat) {
    progress.accept(told(heartbeat, reports.steps), told(heartbeat, reports.validations));
    progress.acceptCheckpoints(told(heartbeat, reports.checkpoints));
    progress.acceptSnapshots(told(heartbeat, reports.ranks));
  }

  private static <R extends Serializable> List<R> told(
      SparkListenerExecutorMetricsUpdate heartbeat, ReportChannel<R> channel) {
    return Heartbeats.values(heartbeat, channel.id()).stream()
        .flatMap(value -> channel.read(value).stream())
        .toList();
  }
}
