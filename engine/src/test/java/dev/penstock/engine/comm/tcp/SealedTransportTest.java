package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.PortRange;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.RunSecret;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportContract;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;

/** The same where all that ranks tell each other is encrypted. */
class SealedTransportTest extends TransportContract {
  @Override
  protected IntFunction<Transport> newRun(int size, Duration timeout) {
    List<LoopbackRendezvous> rendezvous = LoopbackRendezvous.create(size);
    LinkOptions options =
        new LinkOptions(
            RunSecret.random(), Duration.ofSeconds(30), true, "127.0.0.1", PortRange.ANY);
    return rank ->
        TcpTransport.connect(new Linked(rendezvous.get(rank), options), "127.0.0.1", timeout);
  }

  /** A rendezvous with options of its own. */
  record Linked(Rendezvous meeting, LinkOptions links) implements Rendezvous {
    @Override
    public int rank() {
      return meeting.rank();
    }

    @Override
    public int size() {
      return meeting.size();
    }

    @Override
    public String runId() {
      return meeting.runId();
    }

    @Override
    public List<String> allGather(String message) {
      return meeting.allGather(message);
    }
  }
}
