package dev.penstock.spark.score;

import java.time.Duration;
import java.util.function.LongConsumer;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a task is with its rows, of which one may take minutes: told to Spark's UI, and every ten
 * seconds to the log. Ends the task where that is cancelled.
 */
final class TaskProgress {
  private static final Logger log = LoggerFactory.getLogger(TaskProgress.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);

  private final String unit;
  private final long total;
  private final LongConsumer ui;
  private long done;
  private long lastLine = System.nanoTime();

  /**
   * Begins with some rows.
   *
   * @param unit what is counted, for the log
   * @param total how much there is; 0: nobody knows
   * @param ui told what is added
   */
  TaskProgress(String unit, long total, LongConsumer ui) {
    this.unit = unit;
    this.total = total;
    this.ui = ui;
  }

  /**
   * Some more is done.
   *
   * @throws TaskKilledException if the task is cancelled
   */
  void add(long more) {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      throw new TaskKilledException("cancelled after " + done + " " + unit);
    }
    done += more;
    ui.accept(more);
    if (System.nanoTime() - lastLine >= INTERVAL.toNanos()) {
      lastLine = System.nanoTime();
      log.info("{} {}{}", done, unit, total == 0 ? "" : " of " + total);
    }
  }
}
