package dev.penstock.spark.barrier;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for the driver's {@link StopMarker} beside a rank, from a thread of its own: storage may
 * take its time, and neither training nor the {@link Watchdog} waits for it.
 */
final class StopListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StopListener.class);

  /** Soon beside a grace period of some ten seconds, and cheap where every request costs. */
  private static final long POLL_MILLIS = 1000;

  private final StopMarker marker;
  private final Runnable stop;
  private final CountDownLatch closed = new CountDownLatch(1);
  private boolean failed;

  private StopListener(StopMarker marker, Runnable stop) {
    this.marker = marker;
    this.stop = stop;
  }

  /**
   * Starts to look.
   *
   * @param stop called once, when the marker is there
   */
  static StopListener start(int rank, StopMarker marker, Runnable stop) {
    StopListener listener = new StopListener(marker, stop);
    Thread thread = new Thread(listener::listen, "stop-listener-" + rank);
    thread.setDaemon(true);
    thread.start();
    return listener;
  }

  private void listen() {
    try {
      while (!closed.await(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
        if (isSet()) {
          stop.run();
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Where storage does not answer, the run goes on as if nobody had asked it to end. */
  private boolean isSet() {
    try {
      return marker.isSet();
    } catch (IOException | RuntimeException e) {
      if (!failed) {
        failed = true;
        log.warn("Cannot see whether the driver wants the ranks to end; trying again", e);
      }
      return false;
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
