package dev.penstock.spark.barrier;

import dev.penstock.spark.interop.LocalProperties;
import java.util.Properties;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Names the jobs of this thread in Spark's UI and tags them, until closed; then jobs that a failure
 * or an interrupt left running are cancelled. The tag is in no other thread's properties, so no
 * other job is. Job groups are left to the caller, whose notebook may rely on them.
 */
public final class JobLabels implements AutoCloseable {
  private final JavaSparkContext spark;
  private final String tag;
  private final Properties callers;
  private boolean finished;

  /**
   * Begins to tag the jobs.
   *
   * @param tag no other jobs have it
   */
  public JobLabels(SparkContext context, String tag, String description) {
    this.spark = JavaSparkContext.fromSparkContext(context);
    this.tag = tag;
    callers = LocalProperties.detach(context);
    spark.addJobTag(tag);
    spark.setInterruptOnCancel(true);
    describe(description);
  }

  /** Describes the jobs to come. */
  public void describe(String description) {
    spark.setJobDescription(description);
    spark.setCallSite(description);
  }

  /** No job is left running: there is nothing to cancel. */
  public void finished() {
    finished = true;
  }

  @Override
  public void close() {
    try {
      if (!finished) {
        spark.cancelJobsWithTag(tag);
      }
    } finally {
      LocalProperties.restore(spark.sc(), callers);
    }
  }
}
