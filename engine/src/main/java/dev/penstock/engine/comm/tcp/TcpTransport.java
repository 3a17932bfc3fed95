package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.PendingReduce;
import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ranks in several JVMs on CPUs, over sockets between members of the run, which have proven its
 * secret to each other.
 *
 * <p>A message goes out once its receive is posted, so a send is not done before that: await sends
 * after the receives the peer may be waiting for. Tags are not negative. {@link #abort} reaches
 * every rank. A rank of which nothing is heard for the heartbeat timeout, and one that ends without
 * leaving, end the run.
 */
public final class TcpTransport implements Transport {
  private final int rank;
  private final int size;
  private final Duration timeout;
  private final Members members;
  private final Deque<TcpReduction> reductions = new ArrayDeque<>();

  private TcpTransport(int rank, int size, Duration timeout, Members members) {
    this.rank = rank;
    this.size = size;
    this.timeout = timeout;
    this.members = members;
  }

  /**
   * Connects to every other rank; one allGather.
   *
   * @param host name or address of this host that the other ranks can reach
   * @param timeout the most that an operation waits once the ranks are connected
   */
  public static TcpTransport connect(Rendezvous rendezvous, String host, Duration timeout) {
    try (RankListener listener = RankListener.open(host, rendezvous.links())) {
      List<InetSocketAddress> addresses =
          rendezvous.allGather(listener.host() + " " + listener.port()).stream()
              .map(message -> message.split(" ", 2))
              .map(at -> InetSocketAddress.createUnresolved(at[0], Integer.parseInt(at[1])))
              .toList();
      return connect(listener, addresses, rendezvous, timeout);
    }
  }

  /**
   * Connects to every other rank. Returns once this one is connected to all.
   *
   * @param listener where this rank is called; the caller closes it
   * @param addresses where each rank is called, in rank order
   */
  public static TcpTransport connect(
      RankListener listener,
      List<InetSocketAddress> addresses,
      Rendezvous rendezvous,
      Duration timeout) {
    int rank = rendezvous.rank();
    LinkOptions options = rendezvous.links();
    Members members = Members.connect(listener, new Mesh(addresses, rank, options), cause -> {});
    return new TcpTransport(rank, addresses.size(), timeout, members);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public PendingSend send(Tensor tensor, int peer, long tag) {
    RankGroup.checkPeer(rank, peer, size);
    TcpTags.check(tag);
    Message message =
        startSend(
            tensor, peer, tag, String.format(Locale.ROOT, "rank %d to take tag %d", peer, tag));
    return new PendingSend() {
      @Override
      public boolean isDone() {
        return message.isDone();
      }

      @Override
      public void await() {
        finish(message);
      }
    };
  }

  @Override
  public PendingReceive receive(TensorSpec spec, int peer, long tag) {
    RankGroup.checkPeer(rank, peer, size);
    TcpTags.check(tag);
    Message message;
    try (PointerScope scope = new PointerScope()) {
      Tensor buffer = torch.empty(spec.sizes(), new TensorOptions(spec.dtype()), null);
      message =
          startReceive(
              buffer, peer, tag, String.format(Locale.ROOT, "tag %d from rank %d", tag, peer));
    }
    return new PendingReceive() {
      @Override
      public boolean isDone() {
        return message.isDone();
      }

      @Override
      public Tensor await() {
        members.await(message, timeout);
        return message.tensor();
      }
    };
  }

  @Override
  public void allReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    collectives("allReduce " + op, ranks).allReduce(tensor, op);
  }

  @Override
  public PendingReduce startAllReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    TcpReduction reduction =
        new TcpReduction(collectives("started allReduce " + op, ranks), op, tensor, this);
    reductions.add(reduction);
    return reduction;
  }

  @Override
  public void broadcast(Tensor tensor, int root, List<Integer> ranks) {
    if (!ranks.contains(root)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "Root %d is not among %s.", root, ranks));
    }
    collectives("broadcast of rank " + root, ranks).broadcast(tensor, root);
  }

  @Override
  public void barrier(List<Integer> ranks) {
    TcpCollectives collectives = collectives("barrier", ranks);
    try (PointerScope scope = new PointerScope()) {
      Tensor token = torch.zeros(new long[] {1}, new TensorOptions(ScalarType.Byte));
      collectives.allReduce(token, ReduceOp.MAX);
    }
  }

  private TcpCollectives collectives(String operation, List<Integer> ranks) {
    RankGroup group = RankGroup.of(ranks, rank, size);
    String name = "%s over ranks %s".formatted(operation, ranks);
    members.check(name);
    return new TcpCollectives(this, group, name);
  }

  /** Reductions that were started and are not done, in the order of their start. */
  Deque<TcpReduction> reductions() {
    return reductions;
  }

  /** Sends what {@code tensor} holds now; {@link #finish} ends it. */
  Message startSend(Tensor tensor, int peer, long tag, String awaited) {
    Message message = new Message(rank, peer, tag, share(tensor), awaited);
    members.start(message, Link::offer);
    return message;
  }

  /** Receives into the storage of a contiguous tensor; {@link #finish} ends it. */
  Message startReceive(Tensor tensor, int peer, long tag, String awaited) {
    Message message = new Message(rank, peer, tag, share(tensor), awaited);
    members.start(message, Link::post);
    return message;
  }

  private static Tensor share(Tensor tensor) {
    try (PointerScope scope = new PointerScope()) {
      return tensor.detach().contiguous().retainReference();
    }
  }

  /** Waits for a send or a receive and frees what it held. */
  void finish(Message message) {
    members.await(message, timeout);
    message.tensor().close();
  }

  @Override
  public void abort(Throwable cause) {
    members.abort(cause);
  }

  @Override
  public void close() {
    members.close();
    reductions.forEach(TcpReduction::close);
    reductions.clear();
  }
}
