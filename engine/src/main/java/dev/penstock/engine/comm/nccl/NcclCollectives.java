package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.RankGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Collective operations of one rank. A group's communicator is opened at its first operation; its
 * id comes from the lowest rank by ordinary messages.
 */
final class NcclCollectives {
  private final NcclTransport transport;
  private final NcclWaits waits;
  private final byte device;
  private final Map<RankGroup, NcclCommunicator> communicators = new HashMap<>();

  NcclCollectives(NcclTransport transport, NcclWaits waits, byte device) {
    this.transport = transport;
    this.waits = waits;
    this.device = device;
  }

  /** Runs a collective on a group's communicator; returns when the device is done. */
  void run(RankGroup group, String name, Consumer<NcclCommunicator> operation) {
    waits.check(name);
    NcclCommunicator communicator = communicators.computeIfAbsent(group, key -> open(key, name));
    try (PointerScope scope = new PointerScope()) {
      CUDAEvent ready = new CUDAEvent().retainReference();
      CUDAEvent done = new CUDAEvent().retainReference();
      ready.record(torch_cuda.getCurrentCUDAStream(device));
      communicator.enqueue(ready, () -> operation.accept(communicator), done);
      NcclOperation pending =
          new NcclOperation(
              waits, CompletableFuture.completedFuture(communicator), ready, done, List.of(), name);
      pending.await();
      pending.close();
    }
  }

  private NcclCommunicator open(RankGroup group, String name) {
    int member = group.ranks().indexOf(transport.rank());
    return NcclCommunicator.open(shareId(group), group.ranks().size(), member, device, waits, name);
  }

  private NcclUniqueId shareId(RankGroup group) {
    if (transport.rank() != group.lowest()) {
      try (Tensor bytes = transport.receiveId(group.lowest());
          BytePointer pointer = new BytePointer(bytes.data_ptr())) {
        byte[] id = new byte[NcclUniqueId.LENGTH];
        pointer.get(id);
        return NcclUniqueId.of(id);
      }
    }
    NcclUniqueId id = NcclUniqueId.create();
    for (int peer : group.ranks()) {
      if (peer != transport.rank()) {
        transport.sendId(id, peer);
      }
    }
    return id;
  }

  void close(boolean failed) {
    for (NcclCommunicator communicator : communicators.values()) {
      if (failed) {
        communicator.abort();
      } else {
        communicator.close();
      }
    }
    communicators.clear();
  }
}
