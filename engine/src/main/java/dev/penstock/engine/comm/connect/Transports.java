package dev.penstock.engine.comm.connect;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.comm.nccl.NcclTransport;
import dev.penstock.engine.comm.tcp.RankListener;
import dev.penstock.engine.comm.tcp.TcpTransport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

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
    if (self.isCuda()) {
      return connect(RankTable.encode(self, 0), null, rendezvous, self, timeout);
    }
    // Where this rank listens goes with the one message, for each allGather takes a second.
    try (RankListener listener = RankListener.open(self.host(), rendezvous.links())) {
      RankAddress reached = new RankAddress(listener.host(), self.jvm(), self.device());
      String message = RankTable.encode(reached, listener.port());
      return connect(message, listener, rendezvous, self, timeout);
    }
  }

  private static Transport connect(
      String message,
      @Nullable RankListener listener,
      Rendezvous rendezvous,
      RankAddress self,
      Duration timeout) {
    RankTable table = RankTable.parse(rendezvous.allGather(message));
    return switch (table.kind()) {
      case LOOPBACK ->
          LoopbackTransport.join(rendezvous.runId(), rendezvous.rank(), rendezvous.size(), timeout);
      case TCP ->
          TcpTransport.connect(requireNonNull(listener), table.addresses(), rendezvous, timeout);
      case NCCL -> NcclTransport.connect(rendezvous, self.device(), timeout);
    };
  }
}
