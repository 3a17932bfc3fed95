package dev.penstock.engine.model;

import static dev.penstock.engine.model.DecoderTensors.HEAD;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The output projection: hidden states to logits. A last stage hands it to the {@link
 * LossFunction}, for the logits of all tokens at once are by far the largest tensor of a model.
 * Closed by its stage; used by the rank's thread.
 */
public final class Head implements AutoCloseable {
  private final DecoderSpec spec;
  private final Linear projection;
  private final Tensor weight;
  private final @Nullable Tensor weightGradient;
  private final @Nullable TokenRows tokens;
  private final boolean dropsInputs;

  Head(ParameterArena arena, DecoderSpec spec) {
    this.spec = spec;
    LoraSpec lora = arena.lora();
    String own = new DecoderTensors(spec).of(HEAD).get(0).name();
    String name = lora == null ? own : lora.parameterFor(HEAD + ".weight");
    projection = Linear.ofWeight(arena, HEAD, name);
    weight = arena.weight(name);
    weightGradient = arena.parameter(name).gradientBuffer();
    tokens = spec.tiedEmbeddings() ? TokenRows.of(arena, spec) : null;
    dropsInputs = lora != null && lora.dropout() > 0 && lora.adapters().containsKey(HEAD);
  }

  /**
   * [.., D] to [.., V], in the caller's PointerScope.
   *
   * @param weightGradients as for {@link StageModule#forward}
   */
  public Tensor forward(Tensor hidden, @Nullable WeightGradientStore weightGradients) {
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

  /** Whether logits are products with {@link #weight}, scaled and capped at most. */
  boolean isPlain() {
    return projection.isPlain() && tokens == null;
  }

  /** Whether training drops inputs at random: which ones depends on all tokens being there. */
  boolean dropsInputs() {
    return dropsInputs;
  }

  /** [V, D]. */
  Tensor weight() {
    return weight;
  }

  /** Where the weight's gradient is summed; null: it is not trained. */
  @Nullable Tensor weightGradient() {
    return weightGradient;
  }

  int vocabSize() {
    return spec.vocabSize();
  }

  double logitScale() {
    return spec.logitScale();
  }

  double logitSoftcap() {
    return spec.logitSoftcap();
  }

  @Override
  public void close() {
    if (tokens != null) {
      tokens.close();
    }
  }
}
