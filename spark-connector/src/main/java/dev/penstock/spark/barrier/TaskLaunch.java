package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.TaskProfile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.api.java.JavaFutureAction;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the tasks of a job to start. Spark itself waits for busy slots without limit and
 * without a word.
 *
 * @param slots those that they take
 * @param aim what they are to do, for messages
 * @param tasks how many have to start, at the same moment
 * @param limit longest until all of them run
 * @param excused while true, the wait does not count
 * @param lines told of the wait every ten seconds
 */
public record TaskLaunch(
    TaskProfile slots,
    String aim,
    int tasks,
    Duration limit,
    BooleanSupplier excused,
    Consumer<String> lines) {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
  private static final int MAX_HOLDERS = 3;

  /**
   * The result of the job.
   *
   * @param started tells how many of its tasks were started
   * @param whileRunning called now and again once all tasks run
   * @throws ConfigException if its tasks did not start in time; it is cancelled then
   */
  <T> T await(JavaFutureAction<T> job, IntSupplier started, Runnable whileRunning)
      throws Exception {
    Duration counted = Duration.ZERO;
    Duration waited = Duration.ZERO;
    Duration nextLine = LINE_INTERVAL;
    long last = System.nanoTime();
    try {
      while (started.getAsInt() < tasks) {
        try {
          return job.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          long now = System.nanoTime();
          Duration passed = Duration.ofNanos(now - last);
          last = now;
          waited = waited.plus(passed);
          counted = excused.getAsBoolean() ? Duration.ZERO : counted.plus(passed);
        }
        if (counted.compareTo(limit) > 0 && started.getAsInt() < tasks) {
          throw new ConfigException(tooLate());
        }
        if (waited.compareTo(nextLine) >= 0) {
          lines.accept(line(waited));
          nextLine = nextLine.plus(LINE_INTERVAL);
        }
      }
      while (true) {
        try {
          return job.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          whileRunning.run();
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } catch (InterruptedException
        | ConfigException
        | TrainingFailedException
        | CancellationException e) {
      job.cancel(true);
      throw e;
    }
  }

  /**
   * The same for a job whose tasks need not run together.
   *
   * @throws ConfigException if not enough of its tasks started in time; it is cancelled then
   * @throws TrainingFailedException if the job fails
   */
  public <T> T await(JavaFutureAction<T> job) throws InterruptedException {
    try {
      return await(job, () -> started(job), () -> {});
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) { // Spark's, which Scala does not declare
      throw TrainingFailedException.beforeTheRanks(e);
    }
  }

  /** As Spark tells it, a moment later. */
  private int started(JavaFutureAction<?> job) {
    SparkStatusTracker tracker = slots.context().statusTracker();
    int started = 0;
    for (int id : job.jobIds()) {
      SparkJobInfo info = tracker.getJobInfo(id).isEmpty() ? null : tracker.getJobInfo(id).get();
      for (int stage : info == null ? new int[0] : info.stageIds()) {
        SparkStageInfo of = stageInfo(stage);
        started += of == null ? 0 : of.numActiveTasks() + of.numCompletedTasks();
      }
    }
    return started;
  }

  private @Nullable SparkStageInfo stageInfo(int stage) {
    SparkStatusTracker tracker = slots.context().statusTracker();
    return tracker.getStageInfo(stage).isEmpty() ? null : tracker.getStageInfo(stage).get();
  }

  private String line(Duration waited) {
    return String.format(
        Locale.ROOT, "has waited %d s to %s: %s", waited.toSeconds(), aim, state());
  }

  private String tooLate() {
    return String.format(
        Locale.ROOT,
        ("Could not %s within %d s (resourceTimeout): %s Wait for that work or cancel it, raise"
            + " resourceTimeout, or start more executors.%s"),
        aim,
        limit.toSeconds(),
        state(),
        tasks == 1
            ? ""
            : " A FAIR pool does not help: it never leaves several slots free at one moment.");
  }

  private String state() {
    List<String> holders = holders();
    return String.format(
        Locale.ROOT,
        "that takes %d task slots free at the same moment, and of %d of %s %s.",
        tasks,
        slots.available(),
        slots.context().master(),
        holders.isEmpty()
            ? "too few are free, though no other job of this application runs"
            : "some are held by " + String.join(", ", holders));
  }

  private List<String> holders() {
    List<String> holders = new ArrayList<>();
    int more = 0;
    for (int stage : slots.context().statusTracker().getActiveStageIds()) {
      SparkStageInfo info = stageInfo(stage);
      if (info == null || info.numActiveTasks() == 0) {
        continue;
      }
      if (holders.size() == MAX_HOLDERS) {
        more++;
        continue;
      }
      holders.add(
          String.format(
              Locale.ROOT,
              "Spark stage %d '%s' (%d tasks run, %d are to come)",
              stage,
              FoldedText.of(info.name(), 100),
              info.numActiveTasks(),
              info.numTasks() - info.numCompletedTasks() - info.numActiveTasks()));
    }
    if (more > 0) {
      holders.add(String.format(Locale.ROOT, "%d others", more));
    }
    return holders;
  }
}
