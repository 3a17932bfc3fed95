package dev.penstock.spark.interop;

import java.util.Properties;
import org.apache.spark.SparkContext;

/**
 * The local properties of a thread, which go with the jobs that it starts. Callers such as
 * PySpark's tuning hand one object to several threads, so that what one of them sets, all of them
 * have.
 */
public final class LocalProperties {
  private LocalProperties() {}

  /**
   * Gives the thread a copy of its own.
   *
   * @return what it had, for {@link #restore}
   */
  public static Properties detach(SparkContext context) {
    Properties had = context.getLocalProperties();
    context.setLocalProperties((Properties) had.clone());
    return had;
  }

  /** Gives the thread back what it had. */
  public static void restore(SparkContext context, Properties had) {
    context.setLocalProperties(had);
  }
}
