package dev.penstock.spark.fit;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the end of the driver's process (SIGTERM, Ctrl-C, System.exit) up until the ranks of a fit
 * have made one more checkpoint, for a bounded time. It is a shutdown hook that runs before Spark's
 * own, which take the executors away: signals and their handlers stay as they are. Until closed.
 */
final class DriverShutdown implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DriverShutdown.class);

  /** Hooks run from the highest to the lowest; Spark's are 30 above that of file systems. */
  private static final int PRIORITY = FileSystem.SHUTDOWN_HOOK_PRIORITY + 100;

  /** Kubernetes and most others kill after 30 s, in which Spark must end too. */
  private static final long DEFAULT_SECONDS = 25;

  private final long limitMillis;
  private final Runnable hook = this::awaitEnd;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean underWay;
  private volatile boolean ranksRun;

  private DriverShutdown(long limitMillis) {
    this.limitMillis = limitMillis;
  }

  /** Begins to hold it up. */
  static DriverShutdown watch(SparkConf conf) {
    DriverShutdown shutdown =
        new DriverShutdown(
            conf.getTimeAsMs(
                "spark.shutdown.timeout", TimeUnit.SECONDS.toMillis(DEFAULT_SECONDS) + "ms"));
    try {
      ShutdownHookManager.get()
          .addShutdownHook(
              shutdown.hook, PRIORITY, shutdown.limitMillis + 1000, TimeUnit.MILLISECONDS);
    } catch (IllegalStateException e) {
      shutdown.underWay = true; // it is too late for hooks
    }
    return shutdown;
  }

  private void awaitEnd() {
    underWay = true;
    if (!ranksRun) {
      return; // there is nothing to save
    }
    try {
      if (!ended.await(limitMillis, TimeUnit.MILLISECONDS)) {
        log.warn(
            "The ranks did not end within {} ms (spark.shutdown.timeout): the fit goes on from the checkpoint before",
            limitMillis);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process is about to end. */
  boolean isUnderWay() {
    return underWay;
  }

  /** Says whether there are ranks that can make a checkpoint. */
  void ranksRun(boolean now) {
    ranksRun = now;
  }

  @Override
  public void close() {
    ended.countDown();
    try {
      ShutdownHookManager.get().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.debug("The hook runs", e);
    }
  }
}
