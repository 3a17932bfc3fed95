package dev.penstock.engine.optim;

import dev.penstock.engine.comm.ReduceOp;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.torch.AtenOperator;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The p-norm of all gradients of a model whose parameters are spread over ranks.
 *
 * <p>Computed in float64, so that gradients of any size in float32 neither overflow nor vanish, in
 * a fixed order, so that a run repeats itself bit by bit.
 *
 * @param p order of the norm: 2, any positive number, or infinity
 */
record GradientNorm(double p) {
  /** Gradients are taken in pieces: the CPU kernel copies what it sums to float64. */
  private static final long PIECE_ELEMENTS = 1 << 18;

  private static final AtenOperator NORMS = AtenOperator.find("aten::_foreach_norm", "Scalar");

  GradientNorm {
    if (!(p > 0)) {
      throw new IllegalArgumentException("The order of a norm must be positive: " + p);
    }
  }

  /**
   * The norm over the ranks.
   *
   * @param counted the parameters of this rank that no other rank counts; may be empty
   * @param scalar float64 on the device of this rank
   * @param ranks the ranks that hold the model together
   */
  double over(
      List<Parameter> counted, TensorOptions scalar, Transport transport, List<Integer> ranks) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor norm = counted.isEmpty() ? torch.zeros(new long[0], scalar) : local(counted);
      if (Double.isInfinite(p)) {
        transport.allReduce(norm, ReduceOp.MAX, ranks);
        return norm.item_double();
      }
      norm.pow_(new Scalar(p));
      transport.allReduce(norm, ReduceOp.SUM, ranks);
      return Math.pow(norm.item_double(), 1 / p);
    }
  }

  private Tensor local(List<Parameter> counted) {
    List<Tensor> pieces = new ArrayList<>();
    for (Tensor gradient : Gradients.of(counted)) {
      TensorVector split = gradient.reshape(-1).split(PIECE_ELEMENTS);
      for (long i = 0; i < split.size(); i++) {
        pieces.add(split.get(i));
      }
    }
    GenericList norms =
        NORMS
            .call(
                AtenOperator.tensorList(pieces),
                new IValue(new Scalar(p)),
                new IValue(ScalarType.Double))
            .get(0)
            .toList();
    TensorVector all = new TensorVector();
    for (long i = 0; i < norms.size(); i++) {
      all.push_back(norms.get(i).toTensor());
    }
    return torch.linalg_vector_norm(
        torch.stack(all),
        new Scalar(p),
        new LongArrayRefOptional(),
        false,
        new ScalarTypeOptional());
  }
}
