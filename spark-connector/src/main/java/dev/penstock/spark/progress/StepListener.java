package dev.penstock.spark.progress;

import dev.penstock.spark.interop.Heartbeats;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;

/** Hears the steps of a running job: an accumulator's own value stays empty until a task ends. */
public final class StepListener extends SparkListener {
  private final long accumulatorId;
  private final StepProgress progress;

  public StepListener(StepAccumulator accumulator, StepProgress progress) {
    this.accumulatorId = accumulator.id();
    this.progress = progress;
  }

  @Override
  public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate heartbeat) {
    for (Object value : Heartbeats.values(heartbeat, accumulatorId)) {
      progress.accept(((RecentSteps) value).steps());
    }
  }
}
