package dev.penstock.engine.train;

import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.Parameter;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/**
 * A weight that two pipeline ranks hold: the embedding that is also the head. Their gradients are
 * summed, so both copies make the same update and stay equal; the first rank counts it in the norm
 * and saves it.
 *
 * @param parameter this rank's copy
 * @param ranks the two transport ranks, ascending
 * @param counted whether this rank is the one that counts and saves it
 */
record TiedWeight(Parameter parameter, List<Integer> ranks, boolean counted) {
  void sumGradients(Transport transport) {
    Tensor gradient = parameter.gradientBuffer();
    if (gradient != null) {
      transport.allReduce(gradient, ReduceOp.SUM, ranks);
    }
  }
}
