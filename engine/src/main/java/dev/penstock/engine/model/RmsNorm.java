package dev.penstock.engine.model;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** RMSNorm over the last dimension; its weight is an autograd leaf that adds into the arena. */
final class RmsNorm {
  private final Tensor weight;
  private final TensorOptional weightOption;
  private final DoubleOptional eps;
  private final long[] normalizedShape;
  private final boolean unitOffset;

  RmsNorm(ParameterArena arena, String module, NormSpec spec) {
    Parameter parameter = arena.parameter(module + ".weight");
    weight = parameter.value();
    if (!weight.requires_grad()) {
      weight.requires_grad_(true);
      weight.mutable_grad().put(parameter.gradientBuffer());
    }
    weightOption = new TensorOptional(weight);
    eps = new DoubleOptional(spec.eps());
    normalizedShape = new long[] {weight.size(0)};
    unitOffset = spec.unitOffset();
  }

  Tensor forward(Tensor x) {
    if (!unitOffset) {
      return torch.rms_norm(x, normalizedShape, weightOption, eps);
    }
    Tensor factor = weight.add(new Scalar(1.0));
    return torch.rms_norm(x, normalizedShape, new TensorOptional(factor), eps);
  }
}
