package dev.penstock.spark.barrier;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches one rank from a thread of its own: aborts it once Spark has killed its task, which Spark
 * only notes in a flag, or once no step has ended for too long.
 */
final class Watchdog implements AutoCloseable {
  private static final long POLL_MILLIS = 200;

  private final BooleanSupplier killed;
  private final LongSupplier stepsDone;
  private final Duration stepTimeout;
  private final Consumer<Throwable> abort;
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable StepTimeoutException timeout;

  private Watchdog(
      BooleanSupplier killed,
      LongSupplier stepsDone,
      Duration stepTimeout,
      Consumer<Throwable> abort) {
    this.killed = killed;
    this.stepsDone = stepsDone;
    this.stepTimeout = stepTimeout;
    this.abort = abort;
  }

  /**
   * Starts to watch.
   *
   * @param killed whether Spark wants the task to end
   * @param stepsDone steps the rank has taken
   * @param abort ends the rank, from this thread, whatever it waits for
   */
  static Watchdog start(
      int rank,
      BooleanSupplier killed,
      LongSupplier stepsDone,
      Duration stepTimeout,
      Consumer<Throwable> abort) {
    Watchdog watchdog = new Watchdog(killed, stepsDone, stepTimeout, abort);
    Thread thread = new Thread(watchdog::watch, "watchdog-" + rank);
    thread.setDaemon(true);
    thread.start();
    return watchdog;
  }

  /** Set once the rank was aborted because a step took too long. */
  @Nullable StepTimeoutException timeout() {
    return timeout;
  }

  @Override
  public void close() {
    closed.countDown();
  }

  private void watch() {
    long lastSteps = 0;
    long lastStepNanos = System.nanoTime();
    try {
      while (!closed.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (killed.getAsBoolean()) {
          abort.accept(new InterruptedException("Spark ended the task."));
          return;
        }
        long steps = stepsDone.getAsLong();
        if (steps != lastSteps) {
          lastSteps = steps;
          lastStepNanos = System.nanoTime();
        } else if (System.nanoTime() - lastStepNanos > stepTimeout.toNanos()) {
          timeout = new StepTimeoutException(stepTimeout);
          abort.accept(timeout);
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** No step ended within the stepTimeout. */
  static final class StepTimeoutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StepTimeoutException(Duration stepTimeout) {
      super(
          "No step ended within %d s (stepTimeout). Raise stepTimeout if steps take that long."
              .formatted(stepTimeout.toSeconds()));
    }
  }
}
