package dev.penstock.engine.runtime;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.torch.HostTensors;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A few numbers that ranks tell each other, in float64. Collective: every one of the ranks makes
 * the same calls. Used by the rank's thread.
 *
 * @param ranks ascending, this one among them
 * @param device where the transport's tensors lie
 */
public record RankNumbers(Transport transport, List<Integer> ranks, String device) {
  public RankNumbers {
    requireNonNull(transport, "transport is null");
    ranks = List.copyOf(ranks);
    requireNonNull(device, "device is null");
  }

  /** The sums of what each rank has, place by place, on all ranks. */
  public double[] sum(double... values) {
    return exchange(values, tensor -> transport.allReduce(tensor, ReduceOp.SUM, ranks));
  }

  /** What {@code owner} has, on all ranks; elsewhere only the number of values counts. */
  public double[] of(int owner, double... values) {
    return exchange(values, tensor -> transport.broadcast(tensor, owner, ranks));
  }

  private interface Collective {
    void run(Tensor tensor);
  }

  private double[] exchange(double[] values, Collective collective) {
    try (TensorOptions options = HostTensors.options(ScalarType.Double, device);
        Tensor tensor = HostTensors.ofDoubles(values, options, values.length)) {
      collective.run(tensor);
      return HostTensors.toDoubles(tensor);
    }
  }
}
