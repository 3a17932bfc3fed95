package dev.penstock.engine.comm.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.comm.tcp.TcpTransport;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TransportsTest {
  private static final Duration TIMEOUT = Duration.ofSeconds(20);

  @Test
  void threadsOfOneJvmAreConnectedByLoopback() {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(2);
    RankAddress here = new RankAddress("localhost", "this", "cpu");
    List<Integer> ranks =
        Ranks.run(
            2,
            rank -> Transports.connect(rendezvous.get(rank), here, TIMEOUT),
            transport -> {
              assertThat(transport).isInstanceOf(LoopbackTransport.class);
              transport.barrier(List.of(0, 1));
              return transport.rank();
            });
    assertThat(ranks).containsExactly(0, 1);
  }

  @Test
  void ranksOfSeveralJvmsAreConnectedByTcp() {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(2);
    Ranks.run(
        2,
        rank ->
            Transports.connect(
                rendezvous.get(rank), new RankAddress("127.0.0.1", "jvm-" + rank, "cpu"), TIMEOUT),
        transport -> {
          assertThat(transport).isInstanceOf(TcpTransport.class);
          transport.barrier(List.of(0, 1));
          return transport.rank();
        });
  }

  @Test
  void everyRankRefusesDevicesThatDoNotGoTogether() {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(2);
    assertThatThrownBy(
            () ->
                Ranks.run(
                    2,
                    rank ->
                        Transports.connect(
                            rendezvous.get(rank),
                            new RankAddress("h", "j" + rank, rank == 0 ? "cpu" : "cuda:0"),
                            TIMEOUT),
                    Transport::rank))
        .hasRootCauseInstanceOf(IllegalArgumentException.class);
  }
}
