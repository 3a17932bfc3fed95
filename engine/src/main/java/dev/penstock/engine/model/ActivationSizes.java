package dev.penstock.engine.model;

/**
 * How many numbers the modules of a decoder keep of one token from its forward to its backward
 * pass: the inputs and outputs of linear layers, and what autograd saves. Counted from the layers'
 * code and held against measurements; for order of size, not to the byte. Pure arithmetic.
 */
public final class ActivationSizes {
  private final DecoderSpec spec;
  private final long hidden;

  public ActivationSizes(DecoderSpec spec) {
    this.spec = spec;
    hidden = spec.hiddenSize();
  }

  /**
   * Of one module.
   *
   * @param module one of {@link DecoderTensors#modules}
   * @param seqLength tokens of a row
   */
  public long perToken(String module, int seqLength) {
    return switch (module) {
      case DecoderTensors.EMBEDDING -> hidden;
      case DecoderTensors.FINAL_NORM -> norm() + hidden;
      // The gradient of its input, which the loss makes with itself.
      case DecoderTensors.HEAD -> hidden;
      default -> {
        int number = DecoderTensors.layerNumber(module);
        yield number < 0 ? 0 : layer(spec.layers().get(number), seqLength);
      }
    };
  }

  /**
   * What running one module takes while it runs, of all tokens of a microbatch: a backward pass
   * makes gradients of about the size of what was kept, a head has the logits of a slice.
   *
   * @param tokens of a microbatch
   */
  public long passing(String module, int seqLength, long tokens) {
    if (!module.equals(DecoderTensors.HEAD)) {
      return perToken(module, seqLength) * tokens;
    }
    long buffers = spec.logitSoftcap() == 0 ? 1 : 2;
    long slice = Math.min(tokens, SlicedCrossEntropy.slice(spec.vocabSize()));
    return buffers * slice * spec.vocabSize();
  }

  /** Of a layer that runs again in the backward pass: its input. */
  public long perTokenRecomputed() {
    return hidden;
  }

  /** What was normalised, and the result. */
  private long norm() {
    return 2 * hidden;
  }

  private long layer(LayerSpec layer, int seqLength) {
    long residuals = 2 * hidden;
    long outputs = 2 * hidden;
    return residuals
        + outputs
        + spec.blockNorms().modules().size() * norm()
        + attention(layer.slidingWindow(), seqLength)
        + feedForward(layer.feedForward());
  }

  private long attention(int window, int seqLength) {
    AttentionSpec attention = spec.attention();
    long query = (long) attention.numHeads() * attention.headDim();
    long keyValue = (long) attention.numKvHeads() * attention.headDim();
    long projected = query + 2 * keyValue;
    long rotated = query + keyValue;
    long normalized = attention.qkNorm() == QkNorm.NONE ? 0 : 2 * (query + keyValue);
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
