package dev.penstock.engine.comm.tcp;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Notices that nothing comes from a peer any more, though its connection is whole. */
final class Heartbeats implements AutoCloseable {
  private static final int BEATS = 6;
  private static final Duration LONGEST = Duration.ofSeconds(5);
  private static final Duration SHORTEST = Duration.ofMillis(10);

  private final Map<Integer, Link> links;
  private final Duration timeout;
  private final IntConsumer onSilent;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param onSilent hears the peer, from a thread of its own
   */
  Heartbeats(Map<Integer, Link> links, Duration timeout, IntConsumer onSilent) {
    this.links = links;
    this.timeout = timeout;
    this.onSilent = onSilent;
  }

  /** How often a rank must tell that it lives. */
  static Duration interval(Duration timeout) {
    Duration interval = timeout.dividedBy(BEATS);
    if (interval.compareTo(LONGEST) > 0) {
      return LONGEST;
    }
    return interval.compareTo(SHORTEST) < 0 ? SHORTEST : interval;
  }

  void start(int rank) {
    Thread thread = new Thread(this::watch, "heartbeats-rank-" + rank);
    thread.setDaemon(true);
    thread.start();
  }

  private void watch() {
    long interval = interval(timeout).toNanos();
    long last = System.nanoTime();
    try {
      while (!closed.await(interval, TimeUnit.NANOSECONDS)) {
        long now = System.nanoTime();
        if (now - last > 3 * interval) {
          // This process itself stood still: what the others sent meanwhile is still to be read.
          links.values().forEach(link -> link.pipe().forgive());
        }
        last = now;
        for (Map.Entry<Integer, Link> link : links.entrySet()) {
          if (!link.getValue().hasLeft()
              && now - link.getValue().pipe().lastHeard() > timeout.toNanos()) {
            onSilent.accept(link.getKey());
            return;
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
