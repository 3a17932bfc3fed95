package dev.penstock.engine.model;

import static dev.penstock.engine.model.DecoderTensors.HEAD;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** The output projection: hidden states to logits. */
final class Head implements AutoCloseable {
  private final DecoderSpec spec;
  private final Linear projection;
  private final @Nullable TokenRows tokens;

  Head(ParameterArena arena, DecoderSpec spec) {
    this.spec = spec;
    LoraSpec lora = arena.lora();
    String weight = new DecoderTensors(spec).of(HEAD).get(0).name();
    projection =
        Linear.ofWeight(arena, HEAD, lora == null ? weight : lora.parameterFor(HEAD + ".weight"));
    tokens = spec.tiedEmbeddings() ? TokenRows.of(arena, spec) : null;
  }

  /** [B, T, D] to [B, T, V], in the caller's PointerScope. */
  Tensor forward(Tensor hidden, @Nullable WeightGradientStore weightGradients) {
    Tensor logits = projection.forward(hidden, weightGradients);
    if (tokens != null) {
      logits = tokens.inHead(hidden, logits);
    }
    if (spec.logitScale() != 1.0) {
      logits = logits.mul(new Scalar(spec.logitScale()));
    }
    if (spec.logitSoftcap() == 0) {
      return logits;
    }
    Scalar softcap = new Scalar(spec.logitSoftcap());
    return logits.div(softcap).tanh().mul(softcap);
  }

  @Override
  public void close() {
    if (tokens != null) {
      tokens.close();
    }
  }
}
