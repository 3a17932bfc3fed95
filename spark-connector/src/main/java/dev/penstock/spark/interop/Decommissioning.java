package dev.penstock.spark.interop;

import org.apache.spark.SparkContext;

/** What Spark's scheduler knows of executors that are about to leave. */
public final class Decommissioning {
  private Decommissioning() {}

  /**
   * Whether an executor was told to leave (spark.decommission.enabled): it gets no tasks any more,
   * and ends when those that it has have ended, or when its host takes it away.
   */
  public static boolean isLeaving(SparkContext context, String executor) {
    return context.taskScheduler().getExecutorDecommissionState(executor).isDefined();
  }
}
