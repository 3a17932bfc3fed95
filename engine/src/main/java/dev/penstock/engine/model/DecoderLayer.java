package dev.penstock.engine.model;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One block of the decoder: attention and feed-forward, each added to the residual stream. */
final class DecoderLayer {
  private final Attention attention;
  private final FeedForward feedForward;
  private final @Nullable RmsNorm beforeAttention;
  private final @Nullable RmsNorm afterAttention;
  private final @Nullable RmsNorm beforeFeedForward;
  private final @Nullable RmsNorm afterFeedForward;
  private final double residualScale;
  private final @Nullable Dropout attentionDropout;
  private final @Nullable Dropout feedForwardDropout;

  DecoderLayer(ParameterArena arena, DecoderSpec spec, int number, StageContext context) {
    String name = DecoderTensors.layerName(number);
    LayerSpec layer = spec.layers().get(number);
    attention = new Attention(arena, name + ".self_attn.", spec, layer, context);
    feedForward = FeedForward.of(arena, name, layer.feedForward());
    residualScale = spec.residualScale();
    attentionDropout = dropout(spec, name + ".resid_attn_dropout");
    feedForwardDropout = dropout(spec, name + ".resid_mlp_dropout");
    List<RmsNorm> norms =
        spec.blockNorms().modules().stream()
            .map(norm -> new RmsNorm(arena, name + "." + norm, spec.norm()))
            .toList();
    switch (spec.blockNorms()) {
      case PRE -> {
        beforeAttention = norms.get(0);
        afterAttention = null;
        beforeFeedForward = norms.get(1);
        afterFeedForward = null;
      }
      case POST -> {
        beforeAttention = null;
        afterAttention = norms.get(0);
        beforeFeedForward = null;
        afterFeedForward = norms.get(1);
      }
      case SANDWICH -> {
        beforeAttention = norms.get(0);
        afterAttention = norms.get(1);
        beforeFeedForward = norms.get(2);
        afterFeedForward = norms.get(3);
      }
      default -> throw new IllegalStateException("Unknown norms: " + spec.blockNorms());
    }
  }

  private static @Nullable Dropout dropout(DecoderSpec spec, String name) {
    return Dropout.of(spec.dropout(), DropoutSpec.Place.RESIDUAL, name);
  }

  /** As {@link Attention#forward}. */
  Tensor forward(
      Tensor x, @Nullable DocumentLayout documents, @Nullable WeightGradientStore weightGradients) {
    Tensor attended =
        attention.forward(
            normalize(beforeAttention, x, weightGradients), documents, weightGradients);
    Tensor middle =
        addResidual(
            x,
            Dropout.apply(
                attentionDropout,
                normalize(afterAttention, attended, weightGradients),
                weightGradients));
    Tensor transformed =
        feedForward.forward(normalize(beforeFeedForward, middle, weightGradients), weightGradients);
    return addResidual(
        middle,
        Dropout.apply(
            feedForwardDropout,
            normalize(afterFeedForward, transformed, weightGradients),
            weightGradients));
  }

  private static Tensor normalize(
      @Nullable RmsNorm norm, Tensor x, @Nullable WeightGradientStore weightGradients) {
    return norm == null ? x : norm.forward(x, weightGradients);
  }

  private Tensor addResidual(Tensor residual, Tensor x) {
    return residual.add(residualScale == 1.0 ? x : x.mul(new Scalar(residualScale)));
  }
}
