package dev.penstock.engine.comm.nccl;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;

/**
 * The messages from one rank to another.
 *
 * <p>Each direction between two ranks has a communicator and a stream of its own. The operations of
 * one communicator run one after the other, and a send occupies the device until its receive comes:
 * if two ranks sent to each other over one communicator, each receive would stand behind a send
 * that waits for the other rank's receive, and neither would ever start.
 *
 * <p>Each also has a thread of its own, since opening a communicator waits for the peer, and two
 * ranks may come to use their edges in different orders. It is opened at the first message.
 */
final class NcclEdge {
  private final NcclWaits waits;
  private final NcclUniqueId id;
  private final int member;
  private final byte device;
  private final String name;
  private final ExecutorService thread;
  private @Nullable NcclCommunicator communicator;

  /**
   * @param member 0 at the sender's end, 1 at the receiver's
   * @param name e.g. {@code the connection from rank 0 to rank 1}
   */
  NcclEdge(NcclWaits waits, NcclUniqueId id, int member, byte device, String name) {
    this.waits = waits;
    this.id = id;
    this.member = member;
    this.device = device;
    this.name = name;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread worker = new Thread(task, "nccl: " + name);
              worker.setDaemon(true);
              return worker;
            });
  }

  /** Starts to send a header and data; the operation owns them from here on. */
  NcclOperation send(Tensor header, Tensor data, String awaited) {
    return start(List.of(data, header), awaited, open -> open.send(1, awaited, header, data));
  }

  /**
   * Starts to receive a header and data, and then to copy the header to the host; the operation
   * owns all three from here on.
   */
  NcclOperation receive(Tensor header, Tensor data, Tensor hostHeader, String awaited) {
    return start(
        List.of(data, header, hostHeader),
        awaited,
        open -> {
          open.receive(0, awaited, header, data);
          hostHeader.copy_(header, true /* do not wait */);
        });
  }

  private NcclOperation start(
      List<Tensor> tensors, String awaited, Consumer<NcclCommunicator> transfer) {
    try (PointerScope scope = new PointerScope()) {
      CUDAEvent ready = new CUDAEvent().retainReference();
      CUDAEvent done = new CUDAEvent().retainReference();
      ready.record(torch_cuda.getCurrentCUDAStream(device));
      CompletableFuture<NcclCommunicator> enqueued =
          CompletableFuture.supplyAsync(
              () -> {
                waits.check(awaited);
                NcclCommunicator open = communicator();
                open.enqueue(ready, () -> transfer.accept(open), done);
                return open;
              },
              thread);
      return new NcclOperation(waits, enqueued, ready, done, tensors, awaited);
    }
  }

  private NcclCommunicator communicator() {
    if (communicator == null) {
      communicator = NcclCommunicator.open(id, 2, member, device, waits, name);
    }
    return communicator;
  }

  /**
   * Ends the edge; returns once its thread is gone.
   *
   * @param failed whether what is under way is cut off rather than waited for
   */
  void close(boolean failed) {
    thread.execute(
        () -> {
          if (communicator != null && failed) {
            communicator.abort();
          } else if (communicator != null) {
            communicator.close();
          }
        });
    thread.shutdown();
    try {
      thread.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
