package dev.penstock.engine.comm.nccl;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAEvent;

/**
 * A transfer under way. Holds its tensors until the device is done with them: they belong to the
 * stream that computes, whose allocator does not know that another stream reads or writes them.
 */
final class NcclOperation {
  /** Where {@link NcclEdge#receive} puts the copy of the header. */
  private static final int HOST_HEADER = 2;

  private final NcclWaits waits;
  private final CompletableFuture<NcclCommunicator> enqueued;
  private final CUDAEvent ready;
  private final CUDAEvent done;
  private final List<Tensor> tensors;
  private final String awaited;

  /**
   * @param enqueued completes once the transfer is on its stream, {@code done} after it
   * @param tensors what is sent or received, then its headers; owned from here on, as the events
   *     are
   */
  NcclOperation(
      NcclWaits waits,
      CompletableFuture<NcclCommunicator> enqueued,
      CUDAEvent ready,
      CUDAEvent done,
      List<Tensor> tensors,
      String awaited) {
    this.waits = waits;
    this.enqueued = enqueued;
    this.ready = ready;
    this.done = done;
    this.tensors = tensors;
    this.awaited = awaited;
  }

  boolean isDone() {
    return enqueued.isCompletedExceptionally() || (enqueued.isDone() && done.query());
  }

  /** Waits until the device is done. */
  void await() {
    waits.check(awaited);
    waits.until(enqueued::isDone, awaited);
    NcclCommunicator communicator;
    try {
      communicator = enqueued.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
    waits.until(
        () -> {
          communicator.checkHealthy(awaited);
          return done.query();
        },
        awaited);
  }

  /** The tag that came with a received message, once it is there. */
  long tag() {
    return tensors.get(HOST_HEADER).data_ptr_long().get();
  }

  /** Frees all it holds but the first tensor, which goes to the caller. */
  Tensor takeFirst() {
    tensors.subList(1, tensors.size()).forEach(Tensor::close);
    closeEvents();
    return tensors.get(0);
  }

  /** Frees all it holds. */
  void close() {
    tensors.forEach(Tensor::close);
    closeEvents();
  }

  private void closeEvents() {
    ready.close();
    done.close();
  }
}
