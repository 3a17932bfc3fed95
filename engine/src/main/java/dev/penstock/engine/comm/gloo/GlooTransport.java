package dev.penstock.engine.comm.gloo;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.PendingReduce;
import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ranks in several JVMs on CPUs, over TCP by the ProcessGroupGloo of the PyTorch presets.
 *
 * <p>A message is handed to the network once its receive is posted, so a send is not done before
 * that: await sends after the receives the peer may be waiting for. Tags are 0 to 2^30 - 1. After a
 * timeout the connections are broken. {@link #abort} ends this rank's waits; its peers see the
 * connections break when the rank then closes the transport.
 */
public final class GlooTransport implements Transport {
  private final int rank;
  private final int size;
  private final GlooConnection connection;
  private final GlooWaits waits;
  private final Set<GlooOperation> outstanding = new LinkedHashSet<>();
  private final Deque<GlooReduction> reductions = new ArrayDeque<>();
  private final ExecutorService watchers;
  private boolean closed;

  private GlooTransport(Rendezvous rendezvous, GlooConnection connection, Duration timeout) {
    this.rank = rendezvous.rank();
    this.size = rendezvous.size();
    this.connection = connection;
    this.waits = new GlooWaits(rank, timeout);
    this.watchers = Executors.newCachedThreadPool(this::newWatcher);
  }

  /**
   * Connects to every other rank; one allGather. Returns once all ranks are connected.
   *
   * @param host name or address of this host that the other ranks can reach
   * @param timeout the most that an operation waits once the ranks are connected
   */
  public static GlooTransport connect(Rendezvous rendezvous, String host, Duration timeout) {
    GlooConnection connection = GlooConnection.open(rendezvous, host);
    GlooTransport transport = new GlooTransport(rendezvous, connection, timeout);
    try {
      // Rank 0 serves the store, so nobody may leave before all are connected.
      transport.barrier(IntStream.range(0, transport.size).boxed().toList());
    } catch (TransportException e) {
      transport.close();
      throw e;
    }
    return transport;
  }

  private Thread newWatcher(Runnable task) {
    Thread thread = new Thread(task, "gloo-watcher-rank-" + rank);
    thread.setDaemon(true);
    return thread;
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
    String awaited = "rank %d to take tag %d".formatted(peer, tag);
    GlooOperation operation = startSend(tensor, peer, GlooTags.of(tag), awaited);
    return new PendingSend() {
      @Override
      public boolean isDone() {
        return operation.isDone(watchers);
      }

      @Override
      public void await() {
        finish(operation);
      }
    };
  }

  @Override
  public PendingReceive receive(TensorSpec spec, int peer, long tag) {
    RankGroup.checkPeer(rank, peer, size);
    String awaited = "tag %d from rank %d".formatted(tag, peer);
    GlooOperation operation;
    try (PointerScope scope = new PointerScope()) {
      Tensor buffer = torch.empty(spec.sizes(), new TensorOptions(spec.dtype()), null);
      operation = startReceive(buffer, peer, GlooTags.of(tag), awaited);
    }
    return new PendingReceive() {
      @Override
      public boolean isDone() {
        return operation.isDone(watchers);
      }

      @Override
      public Tensor await() {
        return finishReceive(operation);
      }
    };
  }

  @Override
  public void allReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    collectives("allReduce " + op, ranks).allReduce(tensor, op);
  }

  @Override
  public PendingReduce startAllReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    GlooReduction reduction =
        new GlooReduction(collectives("started allReduce " + op, ranks), op, tensor, this);
    reductions.add(reduction);
    return reduction;
  }

  @Override
  public void broadcast(Tensor tensor, int root, List<Integer> ranks) {
    if (!ranks.contains(root)) {
      throw new IllegalArgumentException("Root %d is not among %s.".formatted(root, ranks));
    }
    collectives("broadcast of rank " + root, ranks).broadcast(tensor, root);
  }

  @Override
  public void barrier(List<Integer> ranks) {
    GlooCollectives collectives = collectives("barrier", ranks);
    try (PointerScope scope = new PointerScope()) {
      Tensor token = torch.zeros(new long[] {1}, new TensorOptions(ScalarType.Byte));
      collectives.allReduce(token, ReduceOp.MAX);
    }
  }

  private GlooCollectives collectives(String operation, List<Integer> ranks) {
    RankGroup group = RankGroup.of(ranks, rank, size);
    String name = "%s over ranks %s".formatted(operation, ranks);
    waits.check(name);
    return new GlooCollectives(this, group, name);
  }

  /** Reductions that were started and are not done, in the order of their start. */
  Deque<GlooReduction> reductions() {
    return reductions;
  }

  /** Whether {@link #finish} would return at once. */
  boolean isDone(GlooOperation operation) {
    return operation.isDone(watchers);
  }

  /** Sends what {@code tensor} holds now; {@link #finish} ends it. */
  GlooOperation startSend(Tensor tensor, int peer, int tag, String awaited) {
    return start(tensor, peer, awaited, tensors -> connection.group().send(tensors, peer, tag));
  }

  /** Receives into the storage of a contiguous tensor; {@link #finish} ends it. */
  GlooOperation startReceive(Tensor tensor, int peer, int tag, String awaited) {
    return start(tensor, peer, awaited, tensors -> connection.group().recv(tensors, peer, tag));
  }

  private GlooOperation start(
      Tensor tensor, int peer, String awaited, Function<TensorVector, Work> post) {
    waits.check(awaited);
    try (PointerScope scope = new PointerScope()) {
      Tensor shared = tensor.detach().contiguous();
      Work work = post.apply(new TensorVector(shared));
      GlooOperation operation =
          new GlooOperation(waits, work.retainReference(), shared.retainReference(), peer, awaited);
      outstanding.add(operation);
      return operation;
    } catch (RuntimeException e) {
      throw waits.translate(e, peer, awaited, 0);
    }
  }

  /** Waits for a send or a receive and frees what it held. */
  void finish(GlooOperation operation) {
    finishReceive(operation).close();
  }

  private Tensor finishReceive(GlooOperation operation) {
    try {
      operation.await();
    } catch (RuntimeException e) {
      outstanding.remove(operation);
      operation.close();
      throw e;
    }
    outstanding.remove(operation);
    return operation.takeTensor();
  }

  @Override
  public void abort(Throwable cause) {
    waits.abort(cause);
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    waits.close();
    stopWatchers();
    outstanding.forEach(GlooOperation::close);
    outstanding.clear();
    reductions.forEach(GlooReduction::close);
    reductions.clear();
    connection.close();
  }

  /** The watchers wait for native operations, which must outlive them. */
  private void stopWatchers() {
    watchers.shutdown();
    boolean interrupted = false;
    while (true) {
      try {
        watchers.awaitTermination(1, TimeUnit.MINUTES);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
