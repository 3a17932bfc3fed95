package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.barrier.Watchdog.StepTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
  void stepThatTakesTooLongAbortsItsRank() throws Exception {
    try (Watchdog watchdog =
        Watchdog.start(0, () -> false, () -> 0, Duration.ofMillis(1), abort::complete)) {
      assertThat(abort.get(10, TimeUnit.SECONDS)).isInstanceOf(StepTimeoutException.class);
      assertThat(watchdog.timeout()).isNotNull();
    }
  }
}
