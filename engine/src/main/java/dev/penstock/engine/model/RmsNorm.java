package dev.penstock.engine.model;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * RMSNorm over the last dimension: {@code y = x r w} with {@code r = 1 / sqrt(mean(x^2) + eps)}, in
 * float32 inside; the gradient of its weight, if that is trained, is added into the arena in the
 * backward pass of the inputs.
 */
final class RmsNorm {
  private static final long[] LAST = {-1};

  private final Tensor weight;
  private final @Nullable Tensor weightGradient;
  private final double eps;
  private final long size;
  private final boolean unitOffset;

  RmsNorm(ParameterArena arena, String module, NormSpec spec) {
    weight = arena.leaf(module + ".weight");
    weightGradient = arena.parameter(module + ".weight").gradientBuffer();
    eps = spec.eps();
    size = weight.size(0);
    unitOffset = spec.unitOffset();
  }

  /** [.., D] to [.., D], in the caller's PointerScope. */
  Tensor forward(Tensor x, @Nullable WeightGradientStore weightGradients) {
    return CustomGradients.suit(x, weightGradients) ? byHand(x, weightGradients) : byAutograd(x);
  }

  private Tensor byHand(Tensor x, @Nullable WeightGradientStore weightGradients) {
    Tensor factor;
    Tensor scale;
    Tensor result;
    try (NoGradGuard noGrad = new NoGradGuard()) {
      factor = unitOffset ? exactWeight().add(new Scalar(1.0)) : exactWeight().detach();
      Tensor exact = x.to(factor.scalar_type());
      // The squares' memory becomes the result's. By way of the norms, which need none, the scale
      // would be rounded twice more, and gradients that nearly cancel out show it.
      result = exact.square();
      scale = result.mean(LAST, true, new ScalarTypeOptional()).add_(new Scalar(eps)).rsqrt_();
      result = torch.mul_out(result, exact, scale).mul_(factor).to(x.scalar_type());
    }
    boolean trains = x.requires_grad() || weightGradient != null;
    if (weightGradients == null || !weightGradients.isRecording() || !trains) {
      return result;
    }
    return weightGradients
        .customGradients()
        .attach(x, result, this::backward, x.detach(), scale, factor);
  }

  /** dx = r (g w) - x r^3 sum(g w x) / D, and dw = sum of g x r over the rows. */
  private Tensor backward(Tensor outputGradient, Tensor[] saved) {
    Tensor scale = saved[1];
    Tensor factor = saved[2];
    Tensor x = saved[0].to(factor.scalar_type());
    Tensor gradient = outputGradient.to(factor.scalar_type());
    Tensor dx = gradient.mul(x);
    Tensor rows = dx.reshape(-1, size);
    Tensor scales = scale.reshape(-1);
    if (weightGradient != null) {
      weightGradient.addmv_(rows.t(), scales);
    }
    Tensor pull =
        rows.mv(factor)
            .mul_(scales)
            .mul_(scales)
            .mul_(scales)
            .div_(new Scalar((double) -size))
            .view_as(scale);
    torch.mul_out(dx, gradient, factor);
    return dx.mul_(scale).addcmul_(x, pull).to(outputGradient.scalar_type());
  }

  private Tensor byAutograd(Tensor x) {
    if (!unitOffset) {
      return normalize(x, weight.to(x.scalar_type()));
    }
    // 1 + weight is not rounded to a half precision, as transformers has it.
    Tensor factor = exactWeight().add(new Scalar(1.0));
    return normalize(x.to(factor.scalar_type()), factor).to(x.scalar_type());
  }

  /** The weight, which is in a half precision where it is not trained, in float32 at least. */
  private Tensor exactWeight() {
    return weight.to(torch.promoteTypes(weight.scalar_type(), ScalarType.Float));
  }

  private Tensor normalize(Tensor x, Tensor factor) {
    return torch.rms_norm(
        x, new long[] {size}, new TensorOptional(factor), new DoubleOptional(eps));
  }
}
