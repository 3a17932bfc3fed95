package dev.penstock.spark.barrier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.spark.interop.TaskSlots;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
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
  private static final TaskSlots FOUR = () -> 4;
  private static final TaskSlots TWO = () -> 2;

  private final SlotQueue queue = new SlotQueue();
  private final Queue<String> lines = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void endThreads() {
    threads.shutdownNow();
  }

  private CompletableFuture<SlotQueue.Turn> turn(String fit, int ranks, TaskSlots slots) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return queue.await(fit, ranks, slots, lines::add);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        },
        threads);
  }

  @Test
  void fitsThatFitTogetherRunTogether() throws Exception {
    try (SlotQueue.Turn first = queue.await("a", 2, FOUR, lines::add);
        SlotQueue.Turn second = queue.await("b", 2, FOUR, lines::add)) {
      assertThat(first.othersIngest()).isTrue();
      second.ingested();
      assertThat(first.othersIngest()).isFalse();
    }
  }

  @Test
  void atNoTimeAreMoreSlotsHeldThanThereAre() throws Exception {
    AtomicInteger held = new AtomicInteger();
    List<Integer> seen = new ArrayList<>();
    List<CompletableFuture<Void>> fits = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int ranks = 1 + i % 4;
      fits.add(
          turn("fit " + i, ranks, FOUR)
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
    SlotQueue.Turn running = queue.await("running", 1, TWO, lines::add);
    CountDownLatch largeWaits = new CountDownLatch(1);
    CompletableFuture<SlotQueue.Turn> large =
        CompletableFuture.supplyAsync(
            () -> {
              largeWaits.countDown();
              return turn("large", 2, TWO).join();
            },
            threads);
    largeWaits.await();
    while (queue.waitingFits() < 1) {
      Thread.onSpinWait();
    }
    CompletableFuture<SlotQueue.Turn> small = turn("small", 1, TWO);
    while (queue.waitingFits() < 2) {
      Thread.onSpinWait();
    }
    assertThat(small).isNotDone();
    while (lines.size() < 2) {
      Thread.onSpinWait();
    }
    assertThat(lines)
        .anyMatch(line -> line.contains("large needs 2 task slots at once, and of 2 these fits"))
        .anyMatch(line -> line.contains("running (1 ranks), large (2 ranks). It starts when"));
    running.close();
    large.get(10, TimeUnit.SECONDS).close();
    small.get(10, TimeUnit.SECONDS).close();
  }

  /** Two slots of two cores and four of one may be the same four cores. */
  @Test
  void fitsWhoseRanksTakeOtherSharesTakeTurns() throws Exception {
    SlotQueue.Turn running = queue.await("running", 1, FOUR, lines::add);
    CompletableFuture<SlotQueue.Turn> other = turn("other", 1, TWO);
    while (lines.isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(other).isNotDone();
    running.close();
    other.get(10, TimeUnit.SECONDS).close();
  }

  @Test
  void fitThatIsInterruptedLeavesTheQueue() throws Exception {
    SlotQueue.Turn running = queue.await("running", 2, TWO, lines::add);
    Thread waiting =
        new Thread(
            () -> {
              try {
                queue.await("waiting", 2, TWO, lines::add).close();
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
