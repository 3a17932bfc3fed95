package dev.penstock.engine.comm.gloo;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/**
 * A send or a receive under way. Holds the tensor until the transport no longer touches it. Used by
 * the rank's thread.
 */
final class GlooOperation {
  private final GlooWaits waits;
  private final Work work;
  private final Tensor tensor;
  private final int peer;
  private final String awaited;
  private @Nullable CompletableFuture<Void> watched;

  /**
   * @param work the native operation, owned from here on
   * @param tensor what is sent or received into, owned from here on
   * @param awaited e.g. {@code tag 7 from rank 1}
   */
  GlooOperation(GlooWaits waits, Work work, Tensor tensor, int peer, String awaited) {
    this.waits = waits;
    this.work = work;
    this.tensor = tensor;
    this.peer = peer;
    this.awaited = awaited;
  }

  /**
   * Whether {@link #await} would return at once. Gloo cannot be asked: the first call leaves the
   * waiting to another thread.
   */
  boolean isDone(Executor watcher) {
    if (watched == null) {
      watched = CompletableFuture.runAsync(() -> waits.await(work, peer, awaited), watcher);
    }
    return watched.isDone();
  }

  /** Waits for the end of the operation. */
  void await() {
    if (watched == null) {
      waits.await(work, peer, awaited);
      return;
    }
    try {
      watched.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Frees the native operation and gives the tensor to the caller. */
  Tensor takeTensor() {
    work.close();
    return tensor;
  }

  /** Frees the native operation and the tensor. */
  void close() {
    takeTensor().close();
  }
}
