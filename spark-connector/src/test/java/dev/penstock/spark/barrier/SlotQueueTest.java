package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SlotQueueTest {
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  private CompletableFuture<SlotQueue.Turn> turn(SlotQueue queue, String fit, int ranks) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return queue.await(fit, ranks);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        threads);
  }

  @Test
  void fitsThatFitTogetherRunTogether() throws Exception {
    SlotQueue queue = new SlotQueue(() -> 4);
    try (SlotQueue.Turn first = queue.await("a", 2);
        SlotQueue.Turn second = queue.await("b", 2)) {
      assertThat(first.othersIngest()).isTrue();
      second.ingested();
      assertThat(first.othersIngest()).isFalse();
    }
  }

  @Test
  void atNoTimeAreMoreSlotsHeldThanThereAre() throws Exception {
    SlotQueue queue = new SlotQueue(() -> 4);
    AtomicInteger held = new AtomicInteger();
    List<Integer> seen = new ArrayList<>();
    List<CompletableFuture<Void>> fits = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int ranks = 1 + i % 4;
      fits.add(
          turn(queue, "fit " + i, ranks)
              .thenAccept(
                  turn -> {
                    int now = held.addAndGet(ranks);
                    synchronized (seen) {
                      seen.add(now);
                    }
                    held.addAndGet(-ranks);
                    turn.close();
                  }));
    }
    for (CompletableFuture<Void> fit : fits) {
      fit.get(50, TimeUnit.SECONDS);
    }
    assertThat(seen).hasSize(40).allMatch(now -> now <= 4);
  }

  @Test
  void smallFitDoesNotOvertakeTheLargeOneThatCameBefore() throws Exception {
    SlotQueue queue = new SlotQueue(() -> 2);
    SlotQueue.Turn running = queue.await("running", 1);
    CountDownLatch largeWaits = new CountDownLatch(1);
    CompletableFuture<SlotQueue.Turn> large =
        CompletableFuture.supplyAsync(
            () -> {
              largeWaits.countDown();
              return turn(queue, "large", 2).join();
            },
            threads);
    largeWaits.await();
    while (queue.waitingFits() < 1) {
      Thread.onSpinWait();
    }
    CompletableFuture<SlotQueue.Turn> small = turn(queue, "small", 1);
    while (queue.waitingFits() < 2) {
      Thread.onSpinWait();
    }
    assertThat(small).isNotDone();
    running.close();
    large.get(10, TimeUnit.SECONDS).close();
    small.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void fitThatIsInterruptedLeavesTheQueue() throws Exception {
    SlotQueue queue = new SlotQueue(() -> 2);
    SlotQueue.Turn running = queue.await("running", 2);
    Thread waiting =
        new Thread(
            () -> {
              try {
                queue.await("waiting", 2).close();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    waiting.start();
    while (queue.waitingFits() < 1) {
      Thread.onSpinWait();
    }
    waiting.interrupt();
    waiting.join();
    assertThat(queue.waitingFits()).isZero();
    running.close();
  }
}
