package dev.penstock.engine.comm.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.TransportException;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MemberWatchTest {
  private static final int RANKS = 3;
  private static final String HERE = "127.0.0.1";

  private final List<CompletableFuture<Throwable>> heard = new ArrayList<>();

  /** Watches of ranks that have no other transport. */
  private List<MemberWatch> connect() {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(RANKS);
    LinkOptions options = rendezvous.get(0).links();
    List<RankListener> listeners = new ArrayList<>();
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      listeners.add(RankListener.open(HERE, options));
      addresses.add(InetSocketAddress.createUnresolved(HERE, listeners.get(rank).port()));
      heard.add(new CompletableFuture<>());
    }
    List<CompletableFuture<MemberWatch>> connecting = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      int self = rank;
      connecting.add(
          CompletableFuture.supplyAsync(
              () ->
                  MemberWatch.connect(
                      listeners.get(self),
                      addresses,
                      rendezvous.get(self),
                      heard.get(self)::complete)));
    }
    List<MemberWatch> watches = connecting.stream().map(CompletableFuture::join).toList();
    listeners.forEach(RankListener::close);
    return watches;
  }

  @Test
  void whatEndsARankIsHeardByAllOthers() throws Exception {
    List<MemberWatch> watches = connect();
    watches.get(1).abort(new IllegalStateException("enough"));
    for (int rank : List.of(0, 2)) {
      assertThat(heard.get(rank).get(20, TimeUnit.SECONDS))
          .isInstanceOf(TransportException.class)
          .hasMessageContainingAll("rank 1 aborted the run", "enough");
    }
    watches.forEach(MemberWatch::close);
    assertThat(heard.get(1)).isNotDone();
  }

  @Test
  void ranksThatLeaveInPeaceAreNotHeardOf() {
    List<MemberWatch> watches = connect();
    watches.forEach(MemberWatch::close);
    assertThat(heard).allMatch(end -> !end.isDone());
  }
}
