package dev.penstock.spark.interop;

import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener whose failures end nothing but itself: an Error, such as a LinkageError where jars do
 * not go together, that reached Spark's thread would stop the whole SparkContext.
 */
public abstract class GuardedListener extends SparkListener {
  private static final Logger log = LoggerFactory.getLogger(GuardedListener.class);

  private boolean failed;

  /** A Spark stage was submitted. */
  protected void stageSubmitted(SparkListenerStageSubmitted event) {}

  /** A task began. */
  protected void taskStarted(SparkListenerTaskStart event) {}

  /** A task ended. */
  protected void taskEnded(SparkListenerTaskEnd event) {}

  /** An executor told of itself. */
  protected void heartbeat(SparkListenerExecutorMetricsUpdate event) {}

  @Override
  public final void onStageSubmitted(SparkListenerStageSubmitted event) {
    guard(() -> stageSubmitted(event));
  }

  @Override
  public final void onTaskStart(SparkListenerTaskStart event) {
    guard(() -> taskStarted(event));
  }

  @Override
  public final void onTaskEnd(SparkListenerTaskEnd event) {
    guard(() -> taskEnded(event));
  }

  @Override
  public final void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate event) {
    guard(() -> heartbeat(event));
  }

  private void guard(Runnable reaction) {
    try {
      reaction.run();
    } catch (Exception | LinkageError | AssertionError e) {
      if (!failed) {
        failed = true;
        log.warn("{} failed; the job goes on", getClass().getSimpleName(), e);
      }
    }
  }
}
