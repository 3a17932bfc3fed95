package dev.penstock.engine.comm.connect;

import dev.penstock.engine.comm.PendingReceive;
import dev.penstock.engine.comm.PendingReduce;
import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.tcp.MemberWatch;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A transport beside which its ranks hear of each other: a peer that is silent or gone ends it. */
record WatchedTransport(Transport transport, MemberWatch watch) implements Transport {
  @Override
  public int rank() {
    return transport.rank();
  }

  @Override
  public int size() {
    return transport.size();
  }

  @Override
  public PendingSend send(Tensor tensor, int peer, long tag) {
    return transport.send(tensor, peer, tag);
  }

  @Override
  public PendingReceive receive(TensorSpec spec, int peer, long tag) {
    return transport.receive(spec, peer, tag);
  }

  @Override
  public void allReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    transport.allReduce(tensor, op, ranks);
  }

  @Override
  public PendingReduce startAllReduce(Tensor tensor, ReduceOp op, List<Integer> ranks) {
    return transport.startAllReduce(tensor, op, ranks);
  }

  @Override
  public void broadcast(Tensor tensor, int root, List<Integer> ranks) {
    transport.broadcast(tensor, root, ranks);
  }

  @Override
  public void barrier(List<Integer> ranks) {
    transport.barrier(ranks);
  }

  @Override
  public void abort(Throwable cause) {
    transport.abort(cause);
    watch.abort(cause);
  }

  /** The watch ends first: what this rank still does on its device concerns nobody. */
  @Override
  public void close() {
    try {
      watch.close();
    } finally {
      transport.close();
    }
  }
}
