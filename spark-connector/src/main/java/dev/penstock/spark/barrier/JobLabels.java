package dev.penstock.spark.barrier;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/**
 * Names the jobs of this thread in Spark's UI and makes them cancellable by tag, until closed. Job
 * groups are left to the caller, whose notebook may rely on them.
 */
final class JobLabels implements AutoCloseable {
  private static final String DESCRIPTION = "spark.job.description";
  private static final String INTERRUPT_ON_CANCEL = "spark.job.interruptOnCancel";
  private static final String CALL_SITE = "callSite.short";

  private final JavaSparkContext spark;
  private final String tag;
  private final Map<String, @Nullable String> saved = new HashMap<>();

  JobLabels(JavaSparkContext spark, String tag, String description) {
    this.spark = spark;
    this.tag = tag;
    for (String key : List.of(DESCRIPTION, INTERRUPT_ON_CANCEL, CALL_SITE)) {
      saved.put(key, spark.getLocalProperty(key));
    }
    spark.addJobTag(tag);
    spark.setJobDescription(description);
    spark.setCallSite(description);
    spark.setInterruptOnCancel(true);
  }

  @Override
  public void close() {
    spark.removeJobTag(tag);
    saved.forEach(spark::setLocalProperty);
  }
}
