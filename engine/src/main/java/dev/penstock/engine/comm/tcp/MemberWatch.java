package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.Rendezvous;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;

/**
 * Connections beside a transport that itself does not notice that a peer is frozen or gone: they
 * carry heartbeats and the reason for which a run ends, and nothing else.
 */
public final class MemberWatch implements AutoCloseable {
  private final Members members;

  private MemberWatch(Members members) {
    this.members = members;
  }

  /**
   * Connects to every other rank.
   *
   * @param listener where this rank is called; the caller closes it
   * @param addresses where each rank is called, in rank order
   * @param onEnd hears, from any thread, why another rank ended the run
   */
  public static MemberWatch connect(
      RankListener listener,
      List<InetSocketAddress> addresses,
      Rendezvous rendezvous,
      Consumer<Throwable> onEnd) {
    Mesh mesh = new Mesh(addresses, rendezvous.rank(), rendezvous.links());
    return new MemberWatch(Members.connect(listener, mesh, onEnd));
  }

  /** Tells the other ranks that the run is over. */
  public void abort(Throwable cause) {
    members.abort(cause);
  }

  @Override
  public void close() {
    members.close();
  }
}
