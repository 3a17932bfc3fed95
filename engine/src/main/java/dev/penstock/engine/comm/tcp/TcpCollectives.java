package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.RankGroup;
import dev.penstock.engine.comm.ReduceOp;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Collectives of any group of ranks, made of sends and receives.
 *
 * <p>Each rank of a group reduces one piece of the tensor, adding the pieces of all ranks in rank
 * order, and gives the result to the others: every element is computed once, in one order, so the
 * bits are the same on every rank and in every run, and are those of the loopback transport. As in
 * a ring, a rank of k sends and receives 2 (k - 1) / k of the tensor; it takes two rounds of
 * messages.
 *
 * @param name e.g. {@code allReduce SUM over ranks [0, 1]}, for messages
 */
record TcpCollectives(TcpTransport transport, RankGroup group, String name) {
  void allReduce(Tensor tensor, ReduceOp op) {
    if (size() == 1) {
      return;
    }
    try (PointerScope scope = new PointerScope()) {
      Tensor values = tensor.detach().contiguous();
      List<Tensor> pieces = pieces(values.reshape(-1));
      Tensor own = pieces.get(self());
      List<Tensor> contributions = contributions(own);
      swap(pieces, contributions, TcpTags.COLLECTIVE).forEach(transport::finish);
      reduce(contributions, op, own);
      swap(Collections.nCopies(size(), own), pieces, TcpTags.COLLECTIVE).forEach(transport::finish);
      copyBack(values, tensor);
    }
  }

  void broadcast(Tensor tensor, int root) {
    try (PointerScope scope = new PointerScope()) {
      Tensor values = tensor.detach().contiguous();
      boolean isRoot = transport.rank() == root;
      List<Message> operations = new ArrayList<>();
      for (int peer : group.ranks()) {
        if (isRoot && peer != root) {
          operations.add(send(values, peer, TcpTags.COLLECTIVE));
        } else if (!isRoot && peer == root) {
          operations.add(receive(values, peer, TcpTags.COLLECTIVE));
        }
      }
      operations.forEach(transport::finish);
      copyBack(values, tensor);
    }
  }

  int size() {
    return group.ranks().size();
  }

  int self() {
    return group.ranks().indexOf(transport.rank());
  }

  /** The group's i-th rank reduces piece i; of a small tensor some pieces are empty. */
  List<Tensor> pieces(Tensor flat) {
    List<Tensor> pieces = new ArrayList<>(size());
    long length = flat.numel();
    for (int i = 0; i < size(); i++) {
      long start = length * i / size();
      pieces.add(flat.narrow(0, start, length * (i + 1) / size() - start));
    }
    return pieces;
  }

  /** Where the i-th rank's share in this rank's piece goes. */
  List<Tensor> contributions(Tensor own) {
    List<Tensor> contributions = new ArrayList<>(size());
    for (int i = 0; i < size(); i++) {
      contributions.add(i == self() ? own : torch.empty_like(own));
    }
    return contributions;
  }

  static void reduce(List<Tensor> contributions, ReduceOp op, Tensor result) {
    Tensor sum = contributions.get(0);
    contributions.subList(1, contributions.size()).forEach(next -> op.accumulate(sum, next));
    result.copy_(sum);
  }

  /**
   * Starts to send the i-th outgoing tensor to the i-th rank and to receive the i-th incoming one
   * from it.
   */
  List<Message> swap(List<Tensor> outgoing, List<Tensor> incoming, long tag) {
    List<Message> operations = new ArrayList<>();
    for (int i = 0; i < size(); i++) {
      if (i != self() && incoming.get(i).numel() > 0) {
        operations.add(receive(incoming.get(i), group.ranks().get(i), tag));
      }
    }
    for (int i = 0; i < size(); i++) {
      if (i != self() && outgoing.get(i).numel() > 0) {
        operations.add(send(outgoing.get(i), group.ranks().get(i), tag));
      }
    }
    return operations;
  }

  private Message send(Tensor tensor, int peer, long tag) {
    return transport.startSend(tensor, peer, tag, awaited(peer));
  }

  private Message receive(Tensor tensor, int peer, long tag) {
    return transport.startReceive(tensor, peer, tag, awaited(peer));
  }

  private String awaited(int peer) {
    return String.format(Locale.ROOT, "rank %d in %s", peer, name);
  }

  static void copyBack(Tensor values, Tensor tensor) {
    if (!tensor.is_contiguous()) {
      tensor.detach().copy_(values);
    }
  }
}
