package dev.penstock.engine.comm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;

/** What every transport does, and how it fails. */
public abstract class TransportContract extends CollectiveContract {
  @Test
  void aReceiveThatNobodyAnswersTimesOutAndNamesPeerAndTag() {
    CountDownLatch failed = new CountDownLatch(1);
    Ranks.run(
        2,
        newRun(2, Duration.ofMillis(1500)),
        transport -> {
          if (transport.rank() == 0) {
            assertThatThrownBy(() -> receive(transport, 1, 42))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 0", "timed out after 1500 ms", "tag 42", "rank 1");
            failed.countDown();
          } else {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
          }
          return true;
        });
  }

  @Test
  void aBarrierThatOneRankMissesTimesOut() {
    CountDownLatch failed = new CountDownLatch(1);
    Ranks.run(
        2,
        newRun(2, Duration.ofMillis(1500)),
        transport -> {
          if (transport.rank() == 0) {
            assertThatThrownBy(() -> transport.barrier(List.of(0, 1)))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 0", "timed out after 1500 ms", "barrier");
            failed.countDown();
          } else {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
          }
          return true;
        });
  }

  @Test
  void abortEndsABlockedReceiveAtOnceAndFailsLaterOperations() {
    CountDownLatch failed = new CountDownLatch(1);
    runAll(
        2,
        transport -> {
          if (transport.rank() == 1) {
            assertThat(failed.await(20, TimeUnit.SECONDS)).isTrue();
            return;
          }
          PendingReceive pending = transport.receive(FLOATS, 1, 42);
          CountDownLatch waiting = new CountDownLatch(1);
          long[] abortedAt = new long[1];
          Thread watchdog =
              new Thread(
                  () -> {
                    awaitQuietly(waiting);
                    abortedAt[0] = System.nanoTime();
                    transport.abort(new IllegalStateException("step took too long"));
                  });
          watchdog.start();
          waiting.countDown();
          assertThatThrownBy(pending::await)
              .isInstanceOf(TransportException.class)
              .hasMessageContainingAll("Rank 0", "tag 42", "rank 1", "step took too long")
              .hasCauseInstanceOf(IllegalStateException.class);
          watchdog.join();
          assertThat(Duration.ofNanos(System.nanoTime() - abortedAt[0]))
              .isLessThan(Duration.ofSeconds(1));
          assertThat(catchThrowable(() -> send(transport, 0, 1, 0)))
              .isInstanceOf(TransportException.class);
          assertThat(catchThrowable(() -> transport.barrier(List.of(0, 1))))
              .isInstanceOf(TransportException.class);
          failed.countDown();
        });
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  protected void aPeerThatLeavesFailsThoseWhoWaitForIt() {
    long start = System.nanoTime();
    runAll(
        2,
        transport -> {
          if (transport.rank() == 0) {
            assertThatThrownBy(() -> receive(transport, 1, 42))
                .isInstanceOf(TransportException.class)
                .hasMessageContainingAll("Rank 0", "tag 42", "rank 1");
          }
        });
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void wrongPeersAndGroupsAreRefused() {
    runAll(
        2,
        transport -> {
          int rank = transport.rank();
          assertThatThrownBy(() -> receive(transport, rank, 0))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> receive(transport, 2, 0))
              .isInstanceOf(IndexOutOfBoundsException.class);
          assertThatThrownBy(() -> transport.barrier(List.of(1 - rank)))
              .isInstanceOf(IllegalArgumentException.class);
          assertThatThrownBy(() -> transport.barrier(List.of(1, 0)))
              .isInstanceOf(IllegalArgumentException.class);
          transport.barrier(List.of(0, 1));
        });
  }

  @Test
  void closeMayBeCalledTwice() {
    runAll(
        2,
        transport -> {
          transport.barrier(List.of(0, 1));
          transport.close();
          transport.close();
          assertThatThrownBy(() -> transport.barrier(List.of(0, 1)))
              .isInstanceOf(TransportException.class);
        });
  }

  @Test
  void memoryDoesNotGrowOverManyRoundTrips() {
    TensorSpec spec = TensorSpec.of(ScalarType.Float, 64, 1024);
    runAll(
        2,
        transport -> {
          roundTrips(transport, spec, 200);
          long before = Pointer.physicalBytes();
          roundTrips(transport, spec, 2000);
          assertThat(Pointer.physicalBytes() - before).isLessThan(64L << 20);
        });
  }

  private void roundTrips(Transport transport, TensorSpec spec, int count) {
    int peer = 1 - transport.rank();
    for (int i = 0; i < count; i++) {
      try (Tensor tensor = filled(i, spec)) {
        PendingSend send = transport.send(tensor, peer, i);
        transport.receive(spec, peer, i).await().close();
        send.await();
      }
      if (i % 10 == 0) {
        transport.barrier(List.of(0, 1));
      }
    }
  }
}
