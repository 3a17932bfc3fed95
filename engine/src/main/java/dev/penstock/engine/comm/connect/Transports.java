package dev.penstock.engine.comm.connect;

import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.gloo.GlooTransport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.comm.nccl.NcclTransport;
import java.time.Duration;

/** Connects the ranks of a run by the transport that suits where they are. */
public final class Transports {
  private Transports() {}

  /**
   * Tells the other ranks where this one is, and connects to them: NCCL if all are on GPUs,
   * loopback if all are threads of one JVM, else gloo. All ranks must call this; the caller closes
   * the transport.
   *
   * @param rendezvous how the ranks find each other; one allGather, and a second one for transports
   *     that have addresses of their own to exchange
   * @param self where this rank is
   * @param timeout the most any operation of the transport waits
   * @throws IllegalArgumentException on every rank, if the ranks' devices do not go together
   */
  public static Transport connect(Rendezvous rendezvous, RankAddress self, Duration timeout) {
    RankTable table = RankTable.parse(rendezvous.allGather(RankTable.encode(self)));
    return switch (table.kind()) {
      case LOOPBACK ->
          LoopbackTransport.join(rendezvous.runId(), rendezvous.rank(), rendezvous.size(), timeout);
      case GLOO -> GlooTransport.connect(rendezvous, self.host(), timeout);
      case NCCL -> NcclTransport.connect(rendezvous, self.device(), timeout);
    };
  }
}
