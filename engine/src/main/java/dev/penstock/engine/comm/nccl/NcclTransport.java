package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Rendezvous;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Ranks on GPUs, over NCCL.
 *
 * <p>Transfers run beside the stream that computes: they start after what was enqueued on it before
 * they were posted, and awaiting one waits on the host until the device is done with it. Receives
 * from one peer whose messages differ in size have to be posted in the order in which that peer
 * sends. {@link #abort} ends this rank's waits; closing then ends what its device still does. A
 * peer notices only where the network tells it, else by its own timeout or abort.
 */
public final class NcclTransport implements Transport {
  private static final long ID_TAG = Long.MIN_VALUE;
  private static final TensorSpec ID_SPEC = TensorSpec.of(ScalarType.Byte, NcclUniqueId.LENGTH);

  private final int rank;
  private final int size;
  private final DeviceTensors tensors;
  private final NcclWaits waits;
  private final List<List<NcclUniqueId>> ids;
  private final NcclCollectives collectives;
  private final Map<Integer, NcclEdge> outgoing = new HashMap<>();
  private final Map<Integer, NcclEdge> incoming = new HashMap<>();
  private final Map<Integer, TagMatcher<NcclOperation>> matchers = new HashMap<>();
  private final Set<NcclOperation> outstanding = new LinkedHashSet<>();
  private boolean closed;

  private NcclTransport(
      Rendezvous rendezvous, List<List<NcclUniqueId>> ids, byte device, Duration timeout) {
    this.rank = rendezvous.rank();
    this.size = rendezvous.size();
    this.ids = ids;
    this.tensors = new DeviceTensors(device);
    this.waits = new NcclWaits(rank, timeout);
    this.collectives = new NcclCollectives(this, waits, device);
  }

  /**
   * Exchanges what the ranks find each other by; one allGather. Connections are made when they are
   * first used.
   *
   * @param device {@code cuda:N}, of this rank alone
   * @param timeout the most that any operation waits, the first ones of a peer included
   * @throws IllegalStateException if this node lacks the CUDA libraries
   */
  public static NcclTransport connect(Rendezvous rendezvous, String device, Duration timeout) {
    List<List<NcclUniqueId>> ids = EdgeIds.exchange(rendezvous);
    return new NcclTransport(rendezvous, ids, DeviceTensors.index(device), timeout);
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
    NcclOperation operation = startSend(tensor, peer, tag);
    return new PendingSend() {
      @Override
      public boolean isDone() {
        return operation.isDone();
      }

      @Override
      public void await() {
        finishSend(operation);
      }
    };
  }

  private NcclOperation startSend(Tensor tensor, int peer, long tag) {
    String awaited = String.format(Locale.ROOT, "rank %d to take tag %d", peer, tag);
    waits.check(awaited);
    NcclEdge edge =
        outgoing.computeIfAbsent(
            peer, key -> new NcclEdge(waits, id(rank, key), 0, tensors.device(), name(rank, key)));
    NcclOperation operation = edge.send(tensors.header(tag), tensors.share(tensor), awaited);
    outstanding.add(operation);
    return operation;
  }

  private void finishSend(NcclOperation operation) {
    operation.await();
    outstanding.remove(operation);
    operation.close();
  }

  @Override
  public PendingReceive receive(TensorSpec spec, int peer, long tag) {
    RankGroup.checkPeer(rank, peer, size);
    String awaited = String.format(Locale.ROOT, "tag %d from rank %d", tag, peer);
    waits.check(awaited);
    NcclEdge edge =
        incoming.computeIfAbsent(
            peer, key -> new NcclEdge(waits, id(key, rank), 1, tensors.device(), name(key, rank)));
    NcclOperation operation =
        edge.receive(tensors.header(0), tensors.empty(spec), tensors.hostHeader(), awaited);
    outstanding.add(operation);
    TagMatcher<NcclOperation> matcher =
        matchers.computeIfAbsent(peer, key -> new TagMatcher<>(new EdgeArrivals()));
    TagMatcher<NcclOperation>.Slot slot = matcher.post(tag, operation);
    return new PendingReceive() {
      @Override
      public boolean isDone() {
        return matcher.isDone(slot);
      }

      @Override
      public Tensor await() {
        waits.check(awaited);
        return finishReceive(matcher.take(slot), spec, awaited);
      }
    };
  }

  private static final class EdgeArrivals implements TagMatcher.Arrivals<NcclOperation> {
    @Override
    public boolean isDone(NcclOperation message) {
      return message.isDone();
    }

    @Override
    public long awaitTag(NcclOperation message) {
      message.await();
      return message.tag();
    }
  }

  private Tensor finishReceive(NcclOperation operation, TensorSpec expected, String awaited) {
    outstanding.remove(operation);
    Tensor received = operation.takeFirst();
    TensorSpec actual = TensorSpec.of(received);
    if (!actual.equals(expected)) {
      received.close();
      throw new TransportException(
          String.format(
              Locale.ROOT,
              ("Rank %d expected %s as %s, but it came where %s was to be received. Post the receives"
                  + " of one peer in the order it sends."),
              rank,
              expected,
              awaited,
              actual));
    }
    return received;
  }

  @Override
  public void allReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    RankGroup group = RankGroup.of(ranks, rank, size);
    String name = "allReduce %s over ranks %s".formatted(op, ranks);
    try (PointerScope scope = new PointerScope()) {
      Tensor values = tensor.detach().contiguous();
      collectives.run(group, name, open -> open.allReduce(values, NcclTypes.of(op), name));
      copyBack(values, tensor);
    }
  }

  @Override
  public void broadcast(Tensor tensor, int root, List<Integer> ranks) {
    RankGroup group = RankGroup.of(ranks, rank, size);
    String name = String.format(Locale.ROOT, "broadcast of rank %d over ranks %s", root, ranks);
    if (!group.contains(root)) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "Root %d is not among %s.", root, ranks));
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor values = tensor.detach().contiguous();
      collectives.run(group, name, open -> open.broadcast(values, ranks.indexOf(root), name));
      copyBack(values, tensor);
    }
  }

  @Override
  public void barrier(List<Integer> ranks) {
    RankGroup group = RankGroup.of(ranks, rank, size);
    String name = "barrier over ranks %s".formatted(ranks);
    try (Tensor token = tensors.header(0)) {
      collectives.run(group, name, open -> open.allReduce(token, NcclTypes.of(ReduceOp.MAX), name));
    }
  }

  private static void copyBack(Tensor values, Tensor tensor) {
    if (!tensor.is_contiguous()) {
      tensor.detach().copy_(values);
    }
  }

  /** Sends the id of a new communicator to a member of its group. */
  void sendId(NcclUniqueId id, int peer) {
    try (PointerScope scope = new PointerScope()) {
      Tensor bytes =
          torch.from_blob(
              new BytePointer(id.bytes()), ID_SPEC.sizes(), new TensorOptions(ScalarType.Byte));
      finishSend(startSend(bytes.to(tensors.torchDevice(), ScalarType.Byte), peer, ID_TAG));
    }
  }

  /** Receives what {@link #sendId} sends; a tensor on the host, which the caller closes. */
  Tensor receiveId(int peer) {
    try (PointerScope scope = new PointerScope();
        Tensor onDevice = receive(ID_SPEC, peer, ID_TAG).await()) {
      return onDevice.cpu().retainReference();
    }
  }

  private NcclUniqueId id(int source, int destination) {
    return ids.get(source).get(destination);
  }

  private static String name(int source, int destination) {
    return String.format(
        Locale.ROOT, "the connection from rank %d to rank %d", source, destination);
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
    boolean failed = waits.failed() || !outstanding.isEmpty();
    if (failed) {
      waits.close();
    }
    outgoing.values().forEach(edge -> edge.close(failed));
    incoming.values().forEach(edge -> edge.close(failed));
    collectives.close(failed);
    waits.close();
    outstanding.forEach(NcclOperation::close);
    outstanding.clear();
  }
}
