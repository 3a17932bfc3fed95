package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.PendingReduce;
import dev.penstock.engine.comm.ReduceOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/**
 * An all-reduce under way, as {@link TcpCollectives} does it: a round of messages that gathers this
 * rank's piece, and one that spreads it.
 *
 * <p>The network moves the first round by itself; the rank's thread adds up and starts the second
 * when it comes by. Messages are matched by their order, so second rounds start in the order in
 * which the reductions were started, which is the same on all ranks.
 */
final class TcpReduction implements PendingReduce {
  private final TcpCollectives collectives;
  private final ReduceOp op;
  private final TcpTransport transport;
  private final Tensor tensor;
  private final Tensor values;
  private final List<Tensor> pieces;
  private final List<Tensor> contributions;
  private final List<Message> operations;
  private boolean spreading;

  TcpReduction(TcpCollectives collectives, ReduceOp op, Tensor tensor, TcpTransport transport) {
    this.collectives = collectives;
    this.op = op;
    this.transport = transport;
    try (PointerScope scope = new PointerScope()) {
      this.tensor = tensor.detach().retainReference();
      values = this.tensor.contiguous().retainReference();
      pieces = retained(collectives.pieces(values.reshape(-1)));
      contributions = retained(collectives.contributions(own()));
      operations = new ArrayList<>(collectives.swap(pieces, contributions, TcpTags.STARTED_GATHER));
    }
  }

  private static List<Tensor> retained(List<Tensor> tensors) {
    tensors.forEach(Tensor::retainReference);
    return tensors;
  }

  private Tensor own() {
    return pieces.get(collectives.self());
  }

  @Override
  public boolean advance() {
    for (TcpReduction next : transport.reductions()) {
      if (!next.spreading) {
        if (!next.arrived()) {
          break;
        }
        next.spread();
      }
    }
    return spreading && arrived();
  }

  @Override
  public void await() {
    for (TcpReduction next : transport.reductions()) {
      if (!next.spreading) {
        next.spread();
      }
      if (next == this) {
        break;
      }
    }
    finishOperations();
    try (PointerScope scope = new PointerScope()) {
      TcpCollectives.copyBack(values, tensor);
    }
    transport.reductions().remove(this);
    close();
  }

  private boolean arrived() {
    return operations.stream().allMatch(Message::isDone);
  }

  /** Ends the first round, waiting if need be, and starts the second. */
  private void spread() {
    finishOperations();
    try (PointerScope scope = new PointerScope()) {
      TcpCollectives.reduce(contributions, op, own());
      operations.addAll(
          collectives.swap(
              Collections.nCopies(pieces.size(), own()), pieces, TcpTags.STARTED_SPREAD));
    }
    spreading = true;
  }

  private void finishOperations() {
    operations.forEach(transport::finish);
    operations.clear();
  }

  /** Frees the buffers; the transport frees operations that are under way. */
  void close() {
    contributions.forEach(Tensor::close);
    pieces.forEach(Tensor::close);
    values.close();
    tensor.close();
  }
}
