package dev.penstock.engine.comm.loopback;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.PendingReduce;
import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Ranks that are threads of one JVM. A message is a second handle on the sender's storage: nothing
 * is copied, and each side closes its own handle. {@link #abort} reaches every rank.
 */
public final class LoopbackTransport implements Transport {
  private final LoopbackHub hub;
  private final int rank;
  private final Map<RankGroup, Integer> started = new HashMap<>();
  private boolean closed;

  private LoopbackTransport(LoopbackHub hub, int rank) {
    this.hub = hub;
    this.rank = rank;
  }

  /**
   * Joins the ranks of this JVM that name the same run; returns once all have.
   *
   * @param runId the same for all ranks of a run, and for no other run in this JVM
   * @param timeout the most that joining and any later operation waits
   */
  public static LoopbackTransport join(String runId, int rank, int size, Duration timeout) {
    return new LoopbackTransport(LoopbackHub.join(runId, rank, size, timeout), rank);
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return hub.size();
  }

  @Override
  public PendingSend send(Tensor tensor, int peer, long tag) {
    RankGroup.checkPeer(rank, peer, size());
    hub.send(rank, peer, tag, share(tensor, true));
    return new PendingSend() {
      @Override
      public boolean isDone() {
        return true;
      }

      @Override
      public void await() {
        hub.check(rank, String.format(Locale.ROOT, "rank %d to take tag %d", peer, tag));
      }
    };
  }

  @Override
  public PendingReceive receive(TensorSpec spec, int peer, long tag) {
    RankGroup.checkPeer(rank, peer, size());
    Slot slot = hub.post(peer, rank, tag);
    return new PendingReceive() {
      @Override
      public boolean isDone() {
        return hub.isDone(slot);
      }

      @Override
      public Tensor await() {
        return checked(hub.take(slot), spec, peer, tag);
      }
    };
  }

  private Tensor checked(Tensor message, TensorSpec expected, int peer, long tag) {
    TensorSpec actual = TensorSpec.of(message);
    if (!actual.equals(expected)) {
      message.close();
      throw new TransportException(
          String.format(
              Locale.ROOT,
              "Rank %d expected %s with tag %d from rank %d, but %s came.",
              rank,
              expected,
              tag,
              peer,
              actual));
    }
    return message;
  }

  @Override
  public void allReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    meet("allReduce " + op, tensor, ranks, tensors -> reduce(tensors, op));
  }

  @Override
  public PendingReduce startAllReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    RankGroup group = RankGroup.of(ranks, rank, size());
    int number = started.merge(group, 1, Integer::sum);
    LoopbackHub.Meeting meeting =
        hub.start(
            rank,
            group,
            String.format(Locale.ROOT, "started allReduce %s, number %d", op, number),
            share(tensor, false),
            combining(group, tensors -> reduce(tensors, op)));
    return new PendingReduce() {
      @Override
      public boolean advance() {
        return meeting.isDone();
      }

      @Override
      public void await() {
        meeting.await();
      }
    };
  }

  private static void reduce(List<Tensor> tensors, ReduceOp op) {
    Tensor result = tensors.get(0);
    List<Tensor> others = tensors.subList(1, tensors.size());
    others.forEach(other -> op.accumulate(result, other));
    others.forEach(other -> copy(result, other));
  }

  @Override
  public void broadcast(Tensor tensor, int root, List<Integer> ranks) {
    int rootIndex = ranks.indexOf(root);
    if (rootIndex < 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "Root %d is not among %s.", root, ranks));
    }
    meet("broadcast of rank " + root, tensor, ranks, tensors -> spread(tensors, rootIndex));
  }

  private static void spread(List<Tensor> tensors, int rootIndex) {
    for (int i = 0; i < tensors.size(); i++) {
      if (i != rootIndex) {
        copy(tensors.get(rootIndex), tensors.get(i));
      }
    }
  }

  @Override
  public void barrier(List<Integer> ranks) {
    try (Tensor nothing = torch.empty(0)) {
      meet("barrier", nothing, ranks, tensors -> {});
    }
  }

  private void meet(
      String name, Tensor tensor, List<Integer> ranks, Consumer<List<Tensor>> combine) {
    RankGroup group = RankGroup.of(ranks, rank, size());
    hub.meet(rank, group, name, share(tensor, false), combining(group, combine));
  }

  private static Consumer<List<Tensor>> combining(RankGroup group, Consumer<List<Tensor>> combine) {
    return tensors -> {
      checkAlike(group, tensors);
      combine.accept(tensors);
    };
  }

  private static void checkAlike(RankGroup group, List<Tensor> tensors) {
    TensorSpec first = TensorSpec.of(tensors.get(0));
    for (int i = 1; i < tensors.size(); i++) {
      TensorSpec other = TensorSpec.of(tensors.get(i));
      if (!other.equals(first)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "rank %d brought %s, but rank %d brought %s",
                group.lowest(),
                first,
                group.ranks().get(i),
                other));
      }
    }
  }

  private static void copy(Tensor source, Tensor destination) {
    try (PointerScope scope = new PointerScope()) {
      destination.copy_(source);
    }
  }

  /** A new handle on the tensor's storage, outside any scope and the autograd graph. */
  private static Tensor share(Tensor tensor, boolean contiguous) {
    try (PointerScope scope = new PointerScope()) {
      Tensor shared = tensor.detach();
      return (contiguous ? shared.contiguous() : shared).retainReference();
    }
  }

  @Override
  public void abort(Throwable cause) {
    hub.abort(rank, cause);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      hub.leave(rank);
    }
  }
}
