package dev.penstock.engine.comm.gloo;

import dev.penstock.engine.comm.TransportException;
import java.time.Duration;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/**
 * Waits for native operations in such a way that another thread can end the wait.
 *
 * <p>A wait must not be cut into short ones: when a native wait times out, gloo breaks every
 * connection of the process group. So a thread waits once, for the whole timeout, and abort wakes
 * it through the operation it waits for.
 */
final class GlooWaits {
  private final int rank;
  private final Duration timeout;
  private final Milliseconds limit;
  private final Set<Work> active = Collections.newSetFromMap(new IdentityHashMap<>());
  private @Nullable Throwable abortCause;
  private boolean closed;

  GlooWaits(int rank, Duration timeout) {
    this.rank = rank;
    this.timeout = timeout;
    try (PointerScope scope = new PointerScope()) {
      this.limit = new Milliseconds(timeout.toMillis()).retainReference();
    }
  }

  void await(Work work, int peer, String awaited) {
    enter(work, awaited);
    long start = System.nanoTime();
    try {
      boolean done = work._wait(limit);
      if (!done) {
        check(awaited);
        throw new TransportException(
            "Rank %d was woken while waiting for %s.".formatted(rank, awaited));
      }
    } catch (TransportException e) {
      throw e;
    } catch (RuntimeException e) {
      throw translate(e, peer, awaited, System.nanoTime() - start);
    } finally {
      leave(work);
    }
  }

  private synchronized void enter(Work work, String awaited) {
    check(awaited);
    active.add(work);
  }

  private synchronized void leave(Work work) {
    active.remove(work);
  }

  /** Throws if waiting is over for this rank. */
  synchronized void check(String awaited) {
    if (abortCause != null) {
      throw TransportException.aborted(rank, awaited, rank, abortCause);
    }
    if (closed) {
      throw TransportException.closed(rank, awaited);
    }
  }

  /** What an exception of gloo means. */
  TransportException translate(
      RuntimeException failure, int peer, String awaited, long waitedNanos) {
    check(awaited);
    if (waitedNanos >= timeout.toNanos()) {
      return TransportException.timedOut(rank, awaited, timeout);
    }
    return TransportException.peerGone(rank, awaited, "rank " + peer, failure);
  }

  /** Ends all waits, now and later, with {@code cause}; the first cause stays. */
  synchronized void abort(Throwable cause) {
    if (abortCause == null) {
      abortCause = cause;
      active.forEach(Work::abort);
    }
  }

  /** Ends all waits, now and later, because the transport is closed. */
  synchronized void close() {
    closed = true;
    active.forEach(Work::abort);
  }
}
