package dev.penstock.engine.comm.nccl;

import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.bytedeco.cuda.global.nccl;
import org.jspecify.annotations.Nullable;

/**
 * Waits on the host for what happens on the device, and lets another thread end all waits. Polls: a
 * blocking call of CUDA or NCCL could not be ended by an abort or a timeout.
 */
final class NcclWaits {
  private static final int SPINS = 2000;
  private static final long PAUSE_NANOS = 20_000;

  private final int rank;
  private final Duration timeout;
  private volatile @Nullable Throwable abortCause;
  private volatile boolean closed;
  private volatile boolean failed;

  NcclWaits(int rank, Duration timeout) {
    this.rank = rank;
    this.timeout = timeout;
  }

  /** Returns once {@code done}; {@code awaited} is e.g. {@code tag 7 from rank 1}. */
  void until(BooleanSupplier done, String awaited) {
    long start = System.nanoTime();
    for (int polls = 0; !done.getAsBoolean(); polls++) {
      check(awaited);
      if (System.nanoTime() - start >= timeout.toNanos()) {
        throw failed(TransportException.timedOut(rank, awaited, timeout));
      }
      if (polls < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  /** Throws if waiting is over for this rank. */
  void check(String awaited) {
    Throwable cause = abortCause;
    if (cause != null) {
      throw TransportException.aborted(rank, awaited, rank, cause);
    }
    if (closed) {
      throw TransportException.closed(rank, awaited);
    }
  }

  /** Throws what a result of NCCL means, unless it is success or in progress. */
  void checkResult(int result, String awaited) {
    if (result == nccl.ncclRemoteError) {
      throw failed(TransportException.peerGone(rank, awaited, "a peer"));
    }
    if (result != nccl.ncclSuccess && result != nccl.ncclInProgress) {
      throw failed(NcclErrors.failed(result, "while waiting for " + awaited));
    }
  }

  private TransportException failed(TransportException failure) {
    failed = true;
    return failure;
  }

  /** Ends all waits, now and later, with {@code cause}; the first cause stays. */
  synchronized void abort(Throwable cause) {
    if (abortCause == null) {
      abortCause = cause;
      failed = true;
    }
  }

  /** Whether something went wrong, so that what is under way may never end. */
  boolean failed() {
    return failed;
  }

  /** Ends all waits, now and later, because the transport is closed. */
  void close() {
    closed = true;
  }
}
