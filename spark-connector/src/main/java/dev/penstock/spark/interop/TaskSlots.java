package dev.penstock.spark.interop;

import org.apache.spark.SparkContext;

/** The number that Spark itself compares with the tasks of a barrier stage. */
public final class TaskSlots {
  private TaskSlots() {}

  /** Tasks that can run at once on the executors there are now, busy ones included. */
  public static int available(SparkContext context) {
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }
}
