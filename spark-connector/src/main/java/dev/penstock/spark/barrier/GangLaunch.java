package dev.penstock.spark.barrier;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.TaskSlots;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.apache.spark.api.java.JavaFutureAction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for a job whose tasks have to start together. Spark itself waits for busy slots without
 * limit and without a word.
 *
 * @param context whose job it is
 * @param ranks tasks of the job
 * @param limit longest until all of them run
 * @param excused while true, the wait does not count
 */
record GangLaunch(SparkContext context, int ranks, Duration limit, BooleanSupplier excused) {
  private static final Logger log = LoggerFactory.getLogger(GangLaunch.class);
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);
  private static final int MAX_HOLDERS = 3;

  /**
   * The result of the job.
   *
   * @param whileRunning called now and again once all tasks run
   * @throws ConfigException if its tasks did not start in time; it is cancelled then
   */
  <T> T await(JavaFutureAction<T> job, GangListener listener, Runnable whileRunning)
      throws Exception {
    Duration counted = Duration.ZERO;
    Duration waited = Duration.ZERO;
    Duration nextLog = LOG_INTERVAL;
    long last = System.nanoTime();
    try {
      while (listener.started() < ranks) {
        try {
          return job.get(POLL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
          long now = System.nanoTime();
          Duration passed = Duration.ofNanos(now - last);
          last = now;
          waited = waited.plus(passed);
          counted = excused.getAsBoolean() ? Duration.ZERO : counted.plus(passed);
        }
        if (counted.compareTo(limit) > 0 && listener.started() < ranks) {
          throw new ConfigException(tooLate());
        }
        if (waited.compareTo(nextLog) >= 0) {
          log.info("{}", line(waited));
          nextLog = nextLog.plus(LOG_INTERVAL);
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
    } catch (InterruptedException | ConfigException | CancellationException e) {
      job.cancel(true);
      throw e;
    }
  }

  private String line(Duration waited) {
    return String.format(
        Locale.ROOT, "The ranks have waited %d s to start: %s", waited.toSeconds(), state());
  }

  private String tooLate() {
    return String.format(
        Locale.ROOT,
        ("The ranks could not start within %d s (resourceTimeout): %s Wait for that work or cancel"
            + " it, raise resourceTimeout, or start more executors. A FAIR pool does not help: it"
            + " never leaves several slots free at one moment."),
        limit.toSeconds(),
        state());
  }

  private String state() {
    List<String> holders = holders();
    return String.format(
        Locale.ROOT,
        "they need %d task slots free at the same moment, and of %d of %s %s.",
        ranks,
        TaskSlots.available(context),
        context.master(),
        holders.isEmpty()
            ? "too few are free, though no other job of this application runs"
            : "some are held by " + String.join(", ", holders));
  }

  private List<String> holders() {
    SparkStatusTracker tracker = context.statusTracker();
    List<String> holders = new ArrayList<>();
    int more = 0;
    for (int stage : tracker.getActiveStageIds()) {
      SparkStageInfo info =
          tracker.getStageInfo(stage).isEmpty() ? null : tracker.getStageInfo(stage).get();
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
