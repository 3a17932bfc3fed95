package dev.penstock.engine.model;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Half of a decoder layer: attention or the feed-forward layer, added to the residual stream. */
final class ResidualBlock {
  /** What is added, before norms and dropout. */
  private interface Block {
    Tensor forward(
        Tensor x_BTD,
        @Nullable DocumentLayout documents,
        @Nullable WeightGradientStore weightGradients);
  }

  private final Block block;
  private final @Nullable RmsNorm before;
  private final @Nullable RmsNorm after;
  private final @Nullable Dropout dropout;
  private final double scale;

  private ResidualBlock(
      Block block,
      ParameterArena arena,
      DecoderSpec spec,
      List<String> norms,
      @Nullable Dropout dropout) {
    this.block = block;
    this.dropout = dropout;
    boolean first = spec.blockNorms() != BlockNorms.POST;
    before = first ? new RmsNorm(arena, norms.get(0), spec.norm()) : null;
    boolean last = spec.blockNorms() != BlockNorms.PRE;
    after = last ? new RmsNorm(arena, norms.get(norms.size() - 1), spec.norm()) : null;
    scale = spec.residualScale();
  }

  /** The first half of a layer. */
  static ResidualBlock attention(
      ParameterArena arena, DecoderSpec spec, int layer, StageContext context) {
    String name = DecoderTensors.layerName(layer);
    Attention attention =
        new Attention(arena, name + ".self_attn.", spec, spec.layers().get(layer), context);
    return new ResidualBlock(
        attention::forward,
        arena,
        spec,
        named(name, spec.blockNorms().aroundAttention()),
        dropout(spec, name + ".resid_attn_dropout"));
  }

  /** The second half. */
  static ResidualBlock feedForward(ParameterArena arena, DecoderSpec spec, int layer) {
    String name = DecoderTensors.layerName(layer);
    FeedForward feedForward = FeedForward.of(arena, name, spec.layers().get(layer).feedForward());
    return new ResidualBlock(
        (x, documents, gradients) -> feedForward.forward(x, gradients),
        arena,
        spec,
        named(name, spec.blockNorms().aroundFeedForward()),
        dropout(spec, name + ".resid_mlp_dropout"));
  }

  private static List<String> named(String layer, List<String> norms) {
    return norms.stream().map(norm -> layer + "." + norm).toList();
  }

  private static @Nullable Dropout dropout(DecoderSpec spec, String name) {
    return Dropout.of(spec.dropout(), DropoutSpec.Place.RESIDUAL, name);
  }

  /** As {@link Attention#forward}. */
  Tensor forward(
      Tensor x, @Nullable DocumentLayout documents, @Nullable WeightGradientStore weightGradients) {
    Tensor normalized = normalize(before, x, weightGradients);
    Tensor added =
        normalize(after, block.forward(normalized, documents, weightGradients), weightGradients);
    Tensor kept = Dropout.apply(dropout, added, weightGradients);
    return x.add(scale == 1.0 ? kept : kept.mul(new Scalar(scale)));
  }

  private static Tensor normalize(
      @Nullable RmsNorm norm, Tensor x, @Nullable WeightGradientStore weightGradients) {
    return norm == null ? x : norm.forward(x, weightGradients);
  }
}
