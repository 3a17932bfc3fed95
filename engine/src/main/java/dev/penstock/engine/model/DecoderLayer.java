package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One layer of the decoder, or as much of it as a stage has: attention, then feed-forward. */
final class DecoderLayer {
  private final List<ResidualBlock> blocks = new ArrayList<>();

  DecoderLayer(ParameterArena arena, DecoderSpec spec, LayerPart part, StageContext context) {
    if (part.attention()) {
      blocks.add(ResidualBlock.attention(arena, spec, part.layer(), context));
    }
    if (part.feedForward()) {
      blocks.add(ResidualBlock.feedForward(arena, spec, part.layer()));
    }
  }

  /** As {@link Attention#forward}. */
  Tensor forward(
      Tensor x, @Nullable DocumentLayout documents, @Nullable WeightGradientStore weightGradients) {
    Tensor hidden = x;
    for (ResidualBlock block : blocks) {
      hidden = block.forward(hidden, documents, weightGradients);
    }
    return hidden;
  }
}
