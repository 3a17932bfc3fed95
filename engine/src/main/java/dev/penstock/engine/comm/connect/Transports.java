package dev.penstock.engine.comm.connect;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.comm.nccl.NcclTransport;
import dev.penstock.engine.comm.tcp.MemberWatch;
import dev.penstock.engine.comm.tcp.RankListener;
import dev.penstock.engine.comm.tcp.TcpTransport;
import java.time.Duration;

/** Connects the ranks of a run by the transport that suits where they are. */
public final class Transports {
  private Transports() {}

  /**
   * Tells the other ranks where this one is, and connects to them: NCCL if all are on GPUs,
   * loopback if all are threads of one JVM, else TCP. All ranks must call this; the caller closes
   * the transport.
   *
   * @param rendezvous how the ranks find each other; one allGather, and a second one for transports
   *     that have addresses of their own to exchange
   * @param self where this rank is
   * @param timeout the most any operation of the transport waits
   * @throws IllegalArgumentException on every rank, if the ranks' devices do not go together
   */
  public static Transport connect(Rendezvous rendezvous, RankAddress self, Duration timeout) {
    // Where this rank listens goes with the one message, for each allGather takes a second.
    try (RankListener listener = RankListener.open(self.host(), rendezvous.links())) {
      RankAddress reached = new RankAddress(listener.host(), self.jvm(), self.device());
      return connect(
          RankTable.encode(reached, listener.port()), listener, rendezvous, self, timeout);
    }
  }

  private static Transport connect(
      String message,
      RankListener listener,
      Rendezvous rendezvous,
      RankAddress self,
      Duration timeout) {
    RankTable table = RankTable.parse(rendezvous.allGather(message));
    return switch (table.kind()) {
      case LOOPBACK ->
          LoopbackTransport.join(rendezvous.runId(), rendezvous.rank(), rendezvous.size(), timeout);
      case TCP -> TcpTransport.connect(listener, table.addresses(), rendezvous, timeout);
      case NCCL -> watched(listener, table, rendezvous, self, timeout);
    };
  }

  private static Transport watched(
      RankListener listener,
      RankTable table,
      Rendezvous rendezvous,
      RankAddress self,
      Duration timeout) {
    Transport transport = NcclTransport.connect(rendezvous, self.device(), timeout);
    try {
      return new WatchedTransport(
          transport,
          MemberWatch.connect(listener, table.addresses(), rendezvous, transport::abort));
    } catch (Throwable e) {
      transport.close();
      throw e;
    }
  }
}
