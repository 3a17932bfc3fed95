package dev.penstock.engine.train;

import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.ParameterRange;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * The parameters of a rank dealt out to the replicas of the pipeline, each of which keeps the
 * moments of its share and updates it for all (ZeRO stage 1, Rajbhandari et al. 2020,
 * arXiv:1910.02054).
 */
final class ReplicaShares {
  private final Transport transport;
  private final List<Integer> replicas;
  private final List<ParameterRange> shares;
  private final List<Tensor> values;

  /**
   * Deals out the parameters.
   *
   * @param replicas the transport ranks that hold the same parameters
   */
  ReplicaShares(ParameterArena arena, List<Integer> replicas, Transport transport) {
    this.transport = transport;
    this.replicas = List.copyOf(replicas);
    int parts = replicas.size();
    shares = IntStream.range(0, parts).mapToObj(i -> share(arena, i, parts)).toList();
    values = shares.stream().map(share -> arena.vector(share).value()).toList();
  }

  /** The part of the parameters that is dealt out to one of so many replicas. */
  static ParameterRange share(ParameterArena arena, int replica, int parts) {
    long size = arena.whole().size();
    return new ParameterRange(size * replica / parts, size * (replica + 1) / parts);
  }

  /** What this rank updates. */
  ParameterRange own() {
    return shares.get(replicas.indexOf(transport.rank()));
  }

  /** Gives every replica the shares that the others have updated; collective over the replicas. */
  void exchange() {
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).size() > 0) {
        transport.broadcast(values.get(i), replicas.get(i), replicas);
      }
    }
  }
}
