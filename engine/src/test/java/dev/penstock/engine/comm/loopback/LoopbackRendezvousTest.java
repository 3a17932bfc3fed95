package dev.penstock.engine.comm.loopback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoopbackRendezvousTest {
  @Test
  void everyRankGetsTheMessagesInRankOrderRoundAfterRound() {
    List<LoopbackRendezvous> ranks = LoopbackRendezvous.create(3);
    List<CompletableFuture<List<List<String>>>> results =
        ranks.stream()
            .map(
                rank ->
                    CompletableFuture.supplyAsync(
                        () ->
                            IntStream.range(0, 50)
                                .mapToObj(i -> rank.allGather(rank.rank() + ":" + i))
                                .toList(),
                        command -> new Thread(command).start()))
            .toList();
    for (CompletableFuture<List<List<String>>> result : results) {
      List<List<String>> gathered = result.join();
      for (int i = 0; i < 50; i++) {
        assertThat(gathered.get(i)).containsExactly("0:" + i, "1:" + i, "2:" + i);
      }
    }
  }

  @Test
  void allRanksSeeOneRunIdAndOtherRunsAnother() {
    List<LoopbackRendezvous> ranks = LoopbackRendezvous.create(2);
    assertThat(ranks.get(0).runId()).isEqualTo(ranks.get(1).runId());
    assertThat(LoopbackRendezvous.create(2).get(0).runId()).isNotEqualTo(ranks.get(0).runId());
  }

  @Test
  void aRankThatFailsFailsThoseWhoWait() {
    List<LoopbackRendezvous> ranks = LoopbackRendezvous.create(2);
    CompletableFuture<List<String>> waiting =
        CompletableFuture.supplyAsync(() -> ranks.get(0).allGather("a"));
    ranks.get(1).abort(new IllegalStateException("no model"));
    assertThatThrownBy(waiting::join)
        .hasCauseInstanceOf(TransportException.class)
        .hasMessageContaining("no model");
  }

  @Test
  void aRankThatNeverComesIsNamed() {
    List<LoopbackRendezvous> ranks = LoopbackRendezvous.create(3, Duration.ofMillis(30));
    assertThatThrownBy(() -> ranks.get(1).allGather("a"))
        .isInstanceOf(TransportException.class)
        .hasMessageContaining("ranks [0, 2]");
  }
}
