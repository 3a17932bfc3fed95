package dev.penstock.spark.stream;

import dev.penstock.spark.interop.LocalProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The threads that make the shards of an attempt, and their Spark jobs, which have a tag of their
 * own: so they are ended without the ranks, and are not taken for them.
 */
final class ShardJobs {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long POLL_MILLIS = 50;

  private final SparkContext context;
  private final String runId;
  private final String tag;
  private final int makers;
  private final List<Thread> threads = new ArrayList<>();

  /**
   * @param makers jobs that run at once
   */
  ShardJobs(SparkContext context, String runId, int makers) {
    this.context = context;
    this.runId = runId;
    this.tag = runId + "-stream";
    this.makers = makers;
  }

  /**
   * Starts the threads.
   *
   * @param follow what one of them does
   * @param make what the others do, each
   */
  void start(Runnable follow, Runnable make) {
    threads.add(thread("penstock-stream", follow));
    for (int i = 0; i < makers; i++) {
      threads.add(thread("penstock-stream-" + i, () -> labelled(make)));
    }
    threads.forEach(Thread::start);
  }

  private static Thread thread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** The thread has got the properties of the fit's, and its tag is that of the ranks. */
  private void labelled(Runnable make) {
    LocalProperties.detach(context);
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(context);
    spark.clearJobTags();
    spark.addJobTag(tag);
    spark.setInterruptOnCancel(true);
    spark.setJobDescription("tokenize a partition for " + runId);
    spark.setCallSite("tokenize a partition for " + runId);
    make.run();
  }

  /** Ends jobs and threads; a thread may still begin a job when others are cancelled. */
  void end() {
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while ((threads.stream().anyMatch(Thread::isAlive) || isRunning())
        && System.nanoTime() < deadline
        && !context.isStopped()) {
      JavaSparkContext.fromSparkContext(context).cancelJobsWithTag(tag);
      LockSupport.parkNanos(Duration.ofMillis(POLL_MILLIS).toNanos());
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether tasks run on, which a job that was cancelled does not wait for. */
  private boolean isRunning() {
    SparkStatusTracker tracker = context.statusTracker();
    for (int job : tracker.getJobIdsForTag(tag)) {
      SparkJobInfo info = tracker.getJobInfo(job).isEmpty() ? null : tracker.getJobInfo(job).get();
      for (int stage : info == null ? new int[0] : info.stageIds()) {
        if (!tracker.getStageInfo(stage).isEmpty()) {
          SparkStageInfo of = tracker.getStageInfo(stage).get();
          if (of.numActiveTasks() > 0) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
