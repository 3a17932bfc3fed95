package dev.penstock.spark.barrier;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * Names the jobs of this thread in Spark's UI and tags them, until closed; then jobs that an
 * interrupt left running are cancelled. Job groups are left to the caller, whose notebook may rely
 * on them.
 */
public final class JobLabels implements AutoCloseable {
  private static final String DESCRIPTION = "spark.job.description";
  private static final String INTERRUPT_ON_CANCEL = "spark.job.interruptOnCancel";
  private static final String CALL_SITE = "callSite.short";

  private final JavaSparkContext spark;
  private final String tag;
  private final Map<String, @Nullable String> saved = new HashMap<>();

  /** Begins to tag the jobs. */
  public JobLabels(SparkContext context, String tag, String description) {
    this.spark = JavaSparkContext.fromSparkContext(context);
    this.tag = tag;
    for (String key : List.of(DESCRIPTION, INTERRUPT_ON_CANCEL, CALL_SITE)) {
      saved.put(key, spark.getLocalProperty(key));
    }
    spark.addJobTag(tag);
    spark.setInterruptOnCancel(true);
    describe(description);
  }

  /** Describes the jobs to come. */
  public void describe(String description) {
    spark.setJobDescription(description);
    spark.setCallSite(description);
  }

  @Override
  public void close() {
    spark.cancelJobsWithTag(tag);
    spark.removeJobTag(tag);
    saved.forEach(spark::setLocalProperty);
  }
}
