package dev.penstock.engine.model;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The part of a decoder layer that computes every token by itself. */
interface FeedForward {
  /** [B, T, D] to [B, T, D], in the caller's PointerScope. */
  Tensor forward(Tensor x_BTD, @Nullable WeightGradientStore weightGradients);

  /**
   * Wires a layer's feed-forward part to its weights.
   *
   * @param layerName e.g. {@code model.layers.3}
   */
  static FeedForward of(ParameterArena arena, String layerName, FeedForwardSpec spec) {
    if (spec instanceof MoeSpec moe) {
      return new MixtureOfExperts(arena, layerName + ".", moe);
    }
    return Mlp.of(arena, layerName + ".mlp.", (MlpSpec) spec);
  }
}
