package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * How many bytes the modules of a decoder hold of one token in the passes of a microbatch: the
 * inputs and outputs of linear layers, and what autograd saves. Counted from the layers' code as it
 * runs on CPUs and held against measurements; not to the byte. Pure arithmetic.
 */
public final class ActivationSizes {
  private final DecoderSpec spec;
  private final @Nullable LoraSpec lora;
  private final int bytes;
  private final int attentionBytes;
  private final boolean byHand;

  /** Whether layers without an adapter do, where the others leave it to autograd. */
  private final boolean frozenByHand;

  private final long hidden;

  /**
   * Sizes of a model's activations.
   *
   * @param lora the adapters that are trained alone; null: all is trained
   * @param bytes of a number between layers, and in linear layers
   * @param attentionBytes of a number within attention
   * @param byHand whether layers compute their gradients by hand, as on CPUs, or leave it to
   *     autograd
   */
  public ActivationSizes(
      DecoderSpec spec, @Nullable LoraSpec lora, int bytes, int attentionBytes, boolean byHand) {
    this.spec = spec;
    this.lora = lora;
    this.bytes = bytes;
    this.attentionBytes = attentionBytes;
    this.byHand = byHand && lora == null;
    frozenByHand = byHand && lora != null;
    hidden = (long) spec.hiddenSize() * bytes;
  }

  /**
   * What a module keeps from its forward to its backward pass.
   *
   * @param module one of {@link DecoderTensors#modules} or {@link DecoderTensors#parts}
   * @param seqLength tokens of a row
   */
  public long kept(String module, int seqLength) {
    return switch (module) {
      // The gradient of its input, which the loss makes with itself, is what a head keeps.
      case DecoderTensors.EMBEDDING, DecoderTensors.FINAL_NORM, DecoderTensors.HEAD -> hidden;
      default -> {
        LayerPart part = part(module);
        LayerSpec layer = spec.layers().get(part.layer());
        long whole = 0;
        if (part.attention()) {
          whole += streams() + attention(layer.slidingWindow(), seqLength);
        }
        if (part.feedForward()) {
          whole += streams() + feedForward(layer.feedForward());
        }
        yield lora == null ? whole : whole + besideAdapters(module, part, lora);
      }
    };
  }

  /** Of half a layer: its sum, and what norms read or put out; autograd keeps its output too. */
  private long streams() {
    return ((byHand ? 1 : 2) + spec.blockNorms().aroundAttention().size()) * hidden;
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
   * How much more than it keeps a module holds at the end of its stage's backward pass. By autograd
   * outputs of linear layers stay beside their gradients until the pass is through, and what only
   * the pass needed is gone; by hand, a layer that the pass has reached has nothing left but what
   * waits for W.
   *
   * @param split whether gradients of weights wait for W
   */
  public long passing(String module, int seqLength, boolean split) {
    if (LayerPart.of(module) == null) {
      return 0;
    }
    if (byHand) {
      return split ? Math.max(0, waiting(module) - kept(module, seqLength)) : 0;
    }
    return Math.max(0, inputs(module) + 2 * outputs(module) - kept(module, seqLength));
  }

  /**
   * What is on its way through a module, of one token: the widest of its gradients, or a block's
   * scores and their gradients.
   */
  public long temporary(String module, int seqLength) {
    LayerPart part = LayerPart.of(module);
    if (part == null) {
      return hidden;
    }
    boolean scores = part.attention() && (byHand || frozenByHand);
    long block = Math.min(seqLength, BlockedAttention.BLOCK);
    return Math.max(
        (byHand ? 4 : 2) * widest(part) + hidden,
        scores ? 2 * Float.BYTES * block * spec.attention().numHeads() : 0);
  }

  /**
   * What a head holds of a microbatch's tokens at a time while it computes: logits of a slice, in
   * float32, and for products in less those rounded.
   */
  public long logits(long tokens) {
    long buffers = spec.logitSoftcap() == 0 ? 1 : 2;
    long slice = Math.min(tokens, SlicedCrossEntropy.slice(spec.vocabSize()));
    long rounded = bytes < Float.BYTES ? bytes : 0;
    return (buffers * Float.BYTES + rounded) * slice * spec.vocabSize();
  }

  /** What is kept of one token where a stage begins, and of a layer that runs again: its input. */
  public long input() {
    return hidden;
  }

  private static LayerPart part(String module) {
    return requireNonNull(LayerPart.of(module), module);
  }

  private AdaptedLinears adapted(String module, LoraSpec adapters) {
    return AdaptedLinears.of(new DecoderTensors(spec).of(module), adapters.adapters().keySet());
  }

  /**
   * How much more a layer keeps where adapters alone are trained: what adapters put out stands
   * beside the outputs that it is added to, and what only weights would read is not kept.
   */
  private long besideAdapters(String module, LayerPart part, LoraSpec adapters) {
    AdaptedLinears adapted = adapted(module, adapters);
    boolean normalized = spec.blockNorms() != BlockNorms.POST;
    long more = bytes * (adapted.attention() + adapted.feedForward());
    if (part.attention()) {
      more -= adapted.output() == 0 ? hidden : 0;
      more -= normalized && adapted.attention() == 0 ? hidden : 0;
    }
    if (part.feedForward() && feedForward(part) instanceof MlpSpec mlp) {
      more -= adapted.down() == 0 ? hidden + intermediate(mlp) : 0;
      boolean frozen = adapted.down() == 0 && adapted.feedForward() == 0;
      more -= frozen && frozenByHand ? intermediate(mlp) : 0;
      more -= normalized && adapted.feedForward() == 0 ? hidden : 0;
    }
    // Each adapter drops inputs of its own.
    return adapters.dropout() == 0 ? more : more + inputs(module);
  }

  /** What the linear layers read that leave gradients. */
  private long inputs(String module) {
    LayerPart part = part(module);
    if (lora == null) {
      return inputs(part);
    }
    AdaptedLinears adapted = adapted(module, lora);
    return (adapted.attention() == 0 ? 0 : hidden)
        + (adapted.output() == 0 ? 0 : bytes * query())
        + (adapted.feedForward() == 0 ? 0 : hidden)
        + (adapted.down() == 0 ? 0 : intermediate(feedForward(part)));
  }

  /** What they put out. */
  private long outputs(String module) {
    return lora == null ? outputs(part(module)) : bytes * adapted(module, lora).features();
  }

  /** Inputs of the linear layers of a layer; projections side by side share one. */
  private long inputs(LayerPart part) {
    long inputs = part.attention() ? hidden + bytes * query() : 0;
    if (part.feedForward()) {
      FeedForwardSpec spec = feedForward(part);
      inputs += spec instanceof MoeSpec moe ? moe.expertsPerToken() * hidden : hidden;
      inputs += intermediate(spec);
    }
    return inputs;
  }

  /** Outputs of the linear layers of a layer. */
  private long outputs(LayerPart part) {
    long outputs = part.attention() ? bytes * (query() + 2 * keyValue()) + hidden : 0;
    if (part.feedForward()) {
      FeedForwardSpec spec = feedForward(part);
      outputs += spec instanceof MoeSpec moe ? moe.expertsPerToken() * hidden : hidden;
      outputs += 2 * intermediate(spec);
    }
    return outputs;
  }

  private long widest(LayerPart part) {
    return part.feedForward()
        ? intermediate(feedForward(part))
        : bytes * (query() + 2 * keyValue());
  }

  private FeedForwardSpec feedForward(LayerPart part) {
    return spec.layers().get(part.layer()).feedForward();
  }

  /** What is between the projections of a feed-forward layer. */
  private long intermediate(FeedForwardSpec feedForward) {
    return feedForward instanceof MoeSpec moe
        ? (long) bytes * moe.expertsPerToken() * moe.intermediateSize()
        : (long) bytes * ((MlpSpec) feedForward).intermediateSize();
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
    // What goes into attention and comes out of it is copied where the types differ.
    long between = projected + (attentionBytes == bytes ? 0 : query);
    long within = rotated + normalized + mixed + copies + scores(seen);
    return bytes * between + attentionBytes * (within + (attentionBytes == bytes ? 0 : projected));
  }

  /** Where scores are computed one by one: capped ones, their softmax, and what is dropped. */
  private long scores(long seen) {
    boolean capped = spec.attention().softcap() > 0;
    boolean dropped = spec.dropout().rate(DropoutSpec.Place.ATTENTION) > 0;
    long kept = capped ? dropped ? 5 : 3 : dropped ? 4 : 0;
    return kept * spec.attention().numHeads() * seen;
  }

  private long feedForward(FeedForwardSpec feedForward) {
    // Gate and up; autograd keeps the activated gate and the product too.
    long projections = (byHand ? 2L : 4L) * bytes;
    if (feedForward instanceof MoeSpec moe) {
      long copies = 5 * hidden;
      return moe.expertsPerToken() * (projections * moe.intermediateSize() + copies);
    }
    return projections * ((MlpSpec) feedForward).intermediateSize();
  }
}
