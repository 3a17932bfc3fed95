package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.barrier.Watchdog.StepTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WatchdogTest {
  private final CompletableFuture<Throwable> abort = new CompletableFuture<>();

  @Test
  void killedTaskAbortsItsRank() throws Exception {
    try (Watchdog watchdog =
        Watchdog.start(0, () -> true, () -> 0, Duration.ofDays(1), abort::complete)) {
      assertThat(abort.get(10, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
      assertThat(watchdog.timeout()).isNull();
    }
  }

  @Test
  void rankThatDoesNotMoveIsAborted() throws Exception {
    try (Watchdog watchdog =
        Watchdog.start(0, () -> false, () -> 0, Duration.ofMillis(1), abort::complete)) {
      assertThat(abort.get(10, TimeUnit.SECONDS)).isInstanceOf(StepTimeoutException.class);
      assertThat(watchdog.timeout()).isNotNull();
    }
  }

  /** A validation takes many batches, each of which moves the rank. */
  @Test
  void rankThatMovesIsLeftAlone() throws Exception {
    AtomicLong moves = new AtomicLong();
    CountDownLatch polled = new CountDownLatch(5);
    try (Watchdog watchdog =
        Watchdog.start(
            0,
            () -> false,
            () -> {
              polled.countDown();
              return moves.incrementAndGet();
            },
            Duration.ofMillis(1),
            abort::complete)) {
      assertThat(polled.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(watchdog.timeout()).isNull();
      assertThat(abort).isNotDone();
    }
  }
}
