package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.TransportException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A tensor on its way to or from a peer. */
final class Message {
  /** A ByteBuffer has at most 2 GB. */
  private static final int PIECE = 1 << 30;

  /** Why a message will not come. */
  interface Failure {
    TransportException of(String awaited);
  }

  private final int rank;
  private final int peer;
  private final long tag;
  private final Tensor tensor;
  private final String awaited;
  private final List<ByteBuffer> pieces;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable Failure failure;
  private volatile boolean going;

  /**
   * @param tensor contiguous, on the CPU; owned from here on
   * @param awaited e.g. {@code tag 7 from rank 1}
   */
  Message(int rank, int peer, long tag, Tensor tensor, String awaited) {
    this.rank = rank;
    this.peer = peer;
    this.tag = tag;
    this.tensor = tensor;
    this.awaited = awaited;
    this.pieces = pieces(tensor);
  }

  private static List<ByteBuffer> pieces(Tensor tensor) {
    List<ByteBuffer> pieces = new ArrayList<>();
    long bytes = tensor.nbytes();
    try (PointerScope scope = new PointerScope()) {
      for (long begin = 0; begin < bytes; begin += PIECE) {
        BytePointer data = new BytePointer(tensor.data_ptr());
        pieces.add(data.position(begin).limit(Math.min(bytes, begin + PIECE)).asByteBuffer());
      }
    }
    return pieces;
  }

  int peer() {
    return peer;
  }

  long tag() {
    return tag;
  }

  String awaited() {
    return awaited;
  }

  /** The bytes of the tensor; used by one thread. */
  List<ByteBuffer> pieces() {
    return pieces;
  }

  long bytes() {
    return pieces.stream().mapToLong(ByteBuffer::capacity).sum();
  }

  /** Its bytes are being written: whether they arrive is seen when that is done. */
  void go() {
    going = true;
  }

  boolean isGoing() {
    return going;
  }

  void complete() {
    done.countDown();
  }

  /** Ends the wait for it, unless it has ended. */
  synchronized void fail(Failure cause) {
    if (done.getCount() > 0) {
      failure = cause;
      done.countDown();
    }
  }

  boolean isDone() {
    return done.getCount() == 0;
  }

  void await(Duration timeout) {
    try {
      if (!done.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
        throw TransportException.timedOut(rank, awaited, timeout);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw TransportException.interrupted(rank, awaited, e);
    }
    Failure cause = failure;
    if (cause != null) {
      throw cause.of(awaited);
    }
  }

  Tensor tensor() {
    return tensor;
  }
}
