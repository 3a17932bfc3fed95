package dev.penstock.engine.model;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One block of the decoder: attention and feed-forward, each added to the residual stream. */
final class DecoderLayer {
  private final Attention attention;
  private final Mlp mlp;
  private final @Nullable RmsNorm beforeAttention;
  private final @Nullable RmsNorm afterAttention;
  private final @Nullable RmsNorm beforeMlp;
  private final @Nullable RmsNorm afterMlp;
  private final double residualScale;

  DecoderLayer(ParameterArena arena, DecoderSpec spec, int number, StageContext context) {
    String name = DecoderTensors.layerName(number);
    attention =
        new Attention(arena, name + ".self_attn.", spec, spec.layers().get(number), context);
    mlp = new Mlp(arena, name + ".mlp.", spec.mlp());
    residualScale = spec.residualScale();
    List<RmsNorm> norms =
        DecoderTensors.layerNorms(spec.blockNorms()).stream()
            .map(norm -> new RmsNorm(arena, name + "." + norm, spec.norm()))
            .toList();
    switch (spec.blockNorms()) {
      case PRE -> {
        beforeAttention = norms.get(0);
        afterAttention = null;
        beforeMlp = norms.get(1);
        afterMlp = null;
      }
      case POST -> {
        beforeAttention = null;
        afterAttention = norms.get(0);
        beforeMlp = null;
        afterMlp = norms.get(1);
      }
      case SANDWICH -> {
        beforeAttention = norms.get(0);
        afterAttention = norms.get(1);
        beforeMlp = norms.get(2);
        afterMlp = norms.get(3);
      }
      default -> throw new IllegalStateException("Unknown norms: " + spec.blockNorms());
    }
  }

  /** [B, T, D] to [B, T, D], in the caller's PointerScope. */
  Tensor forward(Tensor x, @Nullable WeightGradientStore weightGradients) {
    Tensor attended = attention.forward(normalize(beforeAttention, x), weightGradients);
    Tensor middle = addResidual(x, normalize(afterAttention, attended));
    Tensor transformed = mlp.forward(normalize(beforeMlp, middle), weightGradients);
    return addResidual(middle, normalize(afterMlp, transformed));
  }

  private static Tensor normalize(@Nullable RmsNorm norm, Tensor x) {
    return norm == null ? x : norm.forward(x);
  }

  private Tensor addResidual(Tensor residual, Tensor x) {
    return residual.add(residualScale == 1.0 ? x : x.mul(new Scalar(residualScale)));
  }
}
