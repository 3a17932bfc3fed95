package dev.penstock.engine.model;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * RMSNorm over the last dimension; its weight, if trained, is an autograd leaf that adds into the
 * arena.
 */
final class RmsNorm {
  private final Tensor weight;
  private final DoubleOptional eps;
  private final long[] normalizedShape;
  private final boolean unitOffset;

  RmsNorm(ParameterArena arena, String module, NormSpec spec) {
    weight = arena.leaf(module + ".weight");
    eps = new DoubleOptional(spec.eps());
    normalizedShape = new long[] {weight.size(0)};
    unitOffset = spec.unitOffset();
  }

  Tensor forward(Tensor x) {
    if (!unitOffset) {
      return normalize(x, weight.to(x.scalar_type()));
    }
    // 1 + weight is not rounded to a half precision, as transformers has it.
    ScalarType exact = weight.scalar_type();
    return normalize(x.to(exact), weight.add(new Scalar(1.0))).to(x.scalar_type());
  }

  private Tensor normalize(Tensor x, Tensor factor) {
    return torch.rms_norm(x, normalizedShape, new TensorOptional(factor), eps);
  }
}
