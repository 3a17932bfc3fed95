package dev.penstock.engine.comm.nccl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class EdgeIdsTest {
  private static final int SIZE = 3;

  private static List<CompletableFuture<List<List<NcclUniqueId>>>> exchange(
      Function<Rendezvous, List<List<NcclUniqueId>>> body) {
    return LoopbackRendezvous.create(SIZE).stream()
        .map(
            rendezvous ->
                CompletableFuture.supplyAsync(
                    () -> body.apply(rendezvous), task -> new Thread(task).start()))
        .toList();
  }

  @Test
  void everyRankGetsTheIdOfEveryEdgeFromTheRankWhereItStarts() {
    List<CompletableFuture<List<List<NcclUniqueId>>>> results =
        exchange(
            rendezvous -> {
              AtomicLong seed = new AtomicLong(10L * rendezvous.rank());
              return EdgeIds.exchange(
                  rendezvous, () -> NcclUniqueIdTest.id(seed.getAndIncrement()));
            });
    for (CompletableFuture<List<List<NcclUniqueId>>> result : results) {
      for (int source = 0; source < SIZE; source++) {
        for (int destination = 0; destination < SIZE; destination++) {
          assertThat(result.join().get(source).get(destination))
              .isEqualTo(NcclUniqueIdTest.id(10L * source + destination));
        }
      }
    }
  }

  @Test
  void everyRankFailsWithTheReasonOfTheRankThatLacksTheLibraries() {
    List<CompletableFuture<List<List<NcclUniqueId>>>> results =
        exchange(
            rendezvous ->
                EdgeIds.exchange(
                    rendezvous,
                    () -> {
                      if (rendezvous.rank() == 1) {
                        throw new IllegalStateException("NCCL is not available on this node");
                      }
                      return NcclUniqueIdTest.id(rendezvous.rank());
                    }));
    for (CompletableFuture<List<List<NcclUniqueId>>> result : results) {
      assertThatThrownBy(result::join).hasMessageContaining("NCCL is not available on this node");
    }
    assertThatThrownBy(results.get(0)::join).hasMessageContaining("Rank 1: ");
  }
}
