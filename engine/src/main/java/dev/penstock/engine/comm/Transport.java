package dev.penstock.engine.comm;

import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * Moves tensors between the ranks of one run.
 *
 * <p>One instance per rank. All methods are called from that rank's thread, except {@link #abort},
 * which any thread may call at any time. Point-to-point messages between one pair of ranks are
 * matched by tag; two messages with the same (source, destination, tag) are matched in the order
 * they were posted. The rank that calls {@link #close} owns nothing of the transport afterwards.
 *
 * <p>Errors: every method, and every pending operation, throws {@link TransportException} naming
 * the peer and what was awaited once a peer is gone, the timeout passed, or {@link #abort} was
 * called; none blocks longer than the timeout the transport was made with.
 */
public interface Transport extends AutoCloseable {
  /** This rank's number, 0 to {@code size() - 1}. */
  int rank();

  /** Number of ranks in the run. */
  int size();

  /**
   * Starts to send {@code tensor} to {@code peer}; does not wait for the peer. The transport keeps
   * a handle of its own, so the caller may close its handle at once; but the data must not be
   * written until the returned operation is done, nor ever after if the transport hands over the
   * very same storage: what was sent is never written again.
   */
  PendingSend send(Tensor tensor, int peer, long tag);

  /**
   * Starts to receive a contiguous tensor of exactly this shape and dtype on this rank's device.
   *
   * @param spec shape and dtype that the peer sends
   */
  PendingReceive receive(TensorSpec spec, int peer, long tag);

  /**
   * Reduces {@code tensor} in place over {@code ranks} (ascending, this rank among them); blocks.
   * The result is the same bits on every rank and from run to run.
   */
  void allReduce(Tensor tensor, ReduceOp op, List<Integer> ranks);

  /**
   * Starts an {@link #allReduce} and does not wait for the other ranks. The tensor must be neither
   * read nor written before the returned operation is done; the caller may close its handle. Ranks
   * that start several must start those they share in the same order; other operations may come in
   * between. A transport that cannot do so reduces at once.
   */
  default PendingReduce startAllReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    allReduce(tensor, op, ranks);
    return new PendingReduce() {
      @Override
      public boolean advance() {
        return true;
      }

      @Override
      public void await() {}
    };
  }

  /** Copies {@code tensor} of {@code root} into the same-shaped tensor of each of {@code ranks}. */
  void broadcast(Tensor tensor, int root, List<Integer> ranks);

  /** Waits until each of {@code ranks} has called this. */
  void barrier(List<Integer> ranks);

  /**
   * Makes every blocked and later operation of this rank, and of peers that can be reached, fail
   * with {@code cause}. Called by the watchdog; idempotent; never blocks.
   */
  void abort(Throwable cause);

  @Override
  void close();
}
