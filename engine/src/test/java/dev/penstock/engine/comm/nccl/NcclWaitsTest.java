package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class NcclWaitsTest {
  private final NcclWaits waits = new NcclWaits(3, Duration.ofMillis(40));

  @Test
  void aWaitEndsWhenItsConditionHolds() {
    long start = System.nanoTime();
    waits.until(() -> System.nanoTime() - start > 5_000_000, "tag 7 from rank 1");
    assertThat(waits.failed()).isFalse();
  }

  @Test
  void aWaitThatTakesTooLongNamesWhatWasAwaited() {
    assertThatThrownBy(() -> waits.until(() -> false, "tag 7 from rank 1"))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("Rank 3 timed out after 40 ms waiting for tag 7 from rank 1");
    assertThat(waits.failed()).isTrue();
  }

  @Test
  void abortEndsAWaitFromAnotherThread() {
    NcclWaits patient = new NcclWaits(3, Duration.ofSeconds(30));
    Thread watchdog = new Thread(() -> patient.abort(new IllegalStateException("too slow")));
    watchdog.start();
    assertThatThrownBy(() -> patient.until(() -> false, "tag 7 from rank 1"))
        .isInstanceOf(TransportException.class)
        .hasMessageContainingAll("tag 7 from rank 1", "too slow");
  }

  @Test
  void nothingIsWaitedForAfterClose() {
    waits.close();
    assertThatThrownBy(() -> waits.check("tag 7 from rank 1"))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("has closed its transport");
  }
}
