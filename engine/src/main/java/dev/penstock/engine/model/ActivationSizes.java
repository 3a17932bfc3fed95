package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * How many numbers the modules of a decoder hold of one token in the passes of a microbatch: the
 * inputs and outputs of linear layers, and what autograd saves. Counted from the layers' code as it
 * runs in float32 and held against measurements; not to the byte. Pure arithmetic.
 */
public final class ActivationSizes {
  private final DecoderSpec spec;
  private final @Nullable LoraSpec lora;
  private final long hidden;

  /**
   * Prepares to count.
   *
   * @param lora the adapters that are trained alone; null: all is trained
   */
  public ActivationSizes(DecoderSpec spec, @Nullable LoraSpec lora) {
    this.spec = spec;
    this.lora = lora;
    hidden = spec.hiddenSize();
  }

  /**
   * What a module keeps from its forward to its backward pass.
   *
   * @param module one of {@link DecoderTensors#modules}
   * @param seqLength tokens of a row
   */
  public long kept(String module, int seqLength) {
    return switch (module) {
      // The gradient of its input, which the loss makes with itself, is what a head keeps.
      case DecoderTensors.EMBEDDING, DecoderTensors.FINAL_NORM, DecoderTensors.HEAD -> hidden;
      default -> {
        LayerSpec layer = layer(module);
        // Two residual sums, two outputs, the results of norms; what those normalised is among it.
        long whole =
            (4L + spec.blockNorms().modules().size()) * hidden
                + attention(layer.slidingWindow(), seqLength)
                + feedForward(layer.feedForward());
        yield lora == null ? whole : whole + besideAdapters(module, layer);
      }
    };
  }

  /** What a module keeps from I to W: inputs of its linear layers and gradients of outputs. */
  public long waiting(String module) {
    return switch (module) {
      case DecoderTensors.EMBEDDING -> hidden;
      case DecoderTensors.FINAL_NORM, DecoderTensors.HEAD -> 0;
      default -> inputs(module) + outputs(module);
    };
  }

  /**
   * How much more than it keeps a module holds at the end of its stage's backward pass: outputs of
   * linear layers stay beside their gradients until the pass is through, and what only the pass
   * needed is gone.
   */
  public long passing(String module, int seqLength) {
    if (DecoderTensors.layerNumber(module) < 0) {
      return 0;
    }
    return Math.max(0, inputs(module) + 2 * outputs(module) - kept(module, seqLength));
  }

  /** The numbers on their way through a module, of one token: the widest of its gradients. */
  public long temporary(String module) {
    return DecoderTensors.layerNumber(module) < 0 ? hidden : 2 * widest(layer(module)) + hidden;
  }

  /** What a head holds of a microbatch's tokens at a time while it computes: logits of a slice. */
  public long logits(long tokens) {
    long buffers = spec.logitSoftcap() == 0 ? 1 : 2;
    long slice = Math.min(tokens, SlicedCrossEntropy.slice(spec.vocabSize()));
    return buffers * slice * spec.vocabSize();
  }

  /** What is kept of one token where a stage begins, and of a layer that runs again: its input. */
  public long input() {
    return hidden;
  }

  private LayerSpec layer(String module) {
    return spec.layers().get(DecoderTensors.layerNumber(module));
  }

  private AdaptedLinears adapted(String module, LoraSpec adapters) {
    return AdaptedLinears.of(new DecoderTensors(spec).of(module), adapters.adapters().keySet());
  }

  /**
   * How much more a layer keeps where adapters alone are trained: what adapters put out stands
   * beside the outputs that it is added to, and what only weights would read is not kept.
   */
  private long besideAdapters(String module, LayerSpec layer) {
    AdaptedLinears adapted = adapted(module, requireNonNull(lora));
    long more = adapted.attention() + adapted.feedForward();
    if (adapted.output() == 0) {
      more -= hidden;
    }
    if (spec.blockNorms() != BlockNorms.POST && adapted.attention() == 0) {
      more -= hidden;
    }
    if (layer.feedForward() instanceof MlpSpec mlp) {
      more -= adapted.down() == 0 ? hidden + mlp.intermediateSize() : 0;
      more -= spec.blockNorms() != BlockNorms.POST && adapted.feedForward() == 0 ? hidden : 0;
    }
    // Each adapter drops inputs of its own.
    return lora.dropout() == 0 ? more : more + inputs(module);
  }

  /** What the linear layers read that leave gradients. */
  private long inputs(String module) {
    if (lora == null) {
      return inputs(layer(module));
    }
    AdaptedLinears adapted = adapted(module, lora);
    return (adapted.attention() == 0 ? 0 : hidden)
        + (adapted.output() == 0 ? 0 : query())
        + (adapted.feedForward() == 0 ? 0 : hidden)
        + (adapted.down() == 0 ? 0 : widest(layer(module)));
  }

  /** What they put out. */
  private long outputs(String module) {
    return lora == null ? outputs(layer(module)) : adapted(module, lora).features();
  }

  /** Inputs of the linear layers of a layer; projections side by side share one. */
  private long inputs(LayerSpec layer) {
    long feedForward =
        layer.feedForward() instanceof MoeSpec moe
            ? moe.expertsPerToken() * (hidden + moe.intermediateSize())
            : hidden + ((MlpSpec) layer.feedForward()).intermediateSize();
    return hidden + query() + feedForward;
  }

  /** Outputs of the linear layers of a layer. */
  private long outputs(LayerSpec layer) {
    long feedForward =
        layer.feedForward() instanceof MoeSpec moe
            ? moe.expertsPerToken() * (2L * moe.intermediateSize() + hidden)
            : 2L * ((MlpSpec) layer.feedForward()).intermediateSize() + hidden;
    return query() + 2 * keyValue() + hidden + feedForward;
  }

  private long widest(LayerSpec layer) {
    return layer.feedForward() instanceof MoeSpec moe
        ? (long) moe.expertsPerToken() * moe.intermediateSize()
        : ((MlpSpec) layer.feedForward()).intermediateSize();
  }

  private long query() {
    return (long) spec.attention().numHeads() * spec.attention().headDim();
  }

  private long keyValue() {
    return (long) spec.attention().numKvHeads() * spec.attention().headDim();
  }

  private long attention(int window, int seqLength) {
    long query = query();
    long keyValue = keyValue();
    long projected = query + 2 * keyValue;
    long rotated = query + keyValue;
    long normalized = spec.attention().qkNorm() == QkNorm.NONE ? 0 : query + keyValue;
    boolean windowed = window > 0 && window < seqLength;
    long seen = windowed ? Math.min(seqLength, window + CausalAttention.chunk(window)) : seqLength;
    // Each chunk of queries has a copy of the keys and values that it sees.
    long copies = windowed ? 2 * keyValue * seen / CausalAttention.chunk(window) : 0;
    long mixed = windowed ? 2 * query : query;
    return projected + rotated + normalized + mixed + copies + scores(seen);
  }

  /** Where scores are computed one by one: capped ones, their softmax, and what is dropped. */
  private long scores(long seen) {
    boolean capped = spec.attention().softcap() > 0;
    boolean dropped = spec.dropout().rate(DropoutSpec.Place.ATTENTION) > 0;
    long kept = capped ? dropped ? 5 : 3 : dropped ? 4 : 0;
    return kept * spec.attention().numHeads() * seen;
  }

  private long feedForward(FeedForwardSpec feedForward) {
    if (feedForward instanceof MoeSpec moe) {
      long copies = 5 * hidden;
      return moe.expertsPerToken() * (4L * moe.intermediateSize() + copies);
    }
    return 4L * ((MlpSpec) feedForward).intermediateSize();
  }
}
