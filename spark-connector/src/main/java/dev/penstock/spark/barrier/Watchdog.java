package dev.penstock.spark.barrier;

import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches one rank from a thread of its own: aborts it once Spark has killed its task, which Spark
 * only notes in a flag, or once it has not moved for too long.
 */
final class Watchdog implements AutoCloseable {
  private static final long POLL_MILLIS = 200;

  private final BooleanSupplier killed;
  private final LongSupplier progress;
  private final Duration stepTimeout;
  private final Consumer<Throwable> abort;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable StepTimeoutException timeout;

  private Watchdog(
      BooleanSupplier killed,
      LongSupplier progress,
      Duration stepTimeout,
      Consumer<Throwable> abort) {
    this.killed = killed;
    this.progress = progress;
    this.stepTimeout = stepTimeout;
    this.abort = abort;
  }

  /**
   * Starts to watch.
   *
   * @param killed whether Spark wants the task to end
   * @param progress grows while the rank moves
   * @param abort ends the rank, from this thread, whatever it waits for
   */
  static Watchdog start(
      int rank,
      BooleanSupplier killed,
      LongSupplier progress,
      Duration stepTimeout,
      Consumer<Throwable> abort) {
    Watchdog watchdog = new Watchdog(killed, progress, stepTimeout, abort);
    Thread thread = new Thread(watchdog::watch, "watchdog-" + rank);
    thread.setDaemon(true);
    thread.start();
    return watchdog;
  }

  /** Set once the rank was aborted because it did not move. */
  @Nullable StepTimeoutException timeout() {
    return timeout;
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void watch() {
    long lastProgress = 0;
    long lastNanos = System.nanoTime();
    try {
      while (!closed.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (killed.getAsBoolean()) {
          abort.accept(new InterruptedException("Spark ended the task."));
          return;
        }
        long now = progress.getAsLong();
        if (now != lastProgress) {
          lastProgress = now;
          lastNanos = System.nanoTime();
        } else if (System.nanoTime() - lastNanos > stepTimeout.toNanos()) {
          timeout = new StepTimeoutException(stepTimeout);
          abort.accept(timeout);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The rank did not move within the stepTimeout. */
  static final class StepTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StepTimeoutException(Duration stepTimeout) {
      super(
          String.format(
              Locale.ROOT,
              ("No microbatch got on within %d s (stepTimeout). Raise stepTimeout if one takes that"
                  + " long."),
              stepTimeout.toSeconds()));
    }
  }
}
