package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

/**
 * Shape of a mixture of experts (Shazeer et al. 2017, arXiv:1701.06538): a router gives each token
 * to a few of many gated feed-forward layers and adds up what they return.
 *
 * @param numExperts experts of a layer
 * @param expertsPerToken experts that compute a token
 * @param normalizedWeights whether the chosen experts' weights are scaled to a sum of 1
 * @param intermediateSize width of an expert
 * @param activation applied to an expert's gate
 * @param names what the checkpoint calls the parts
 */
public record MoeSpec(
    int numExperts,
    int expertsPerToken,
    boolean normalizedWeights,
    int intermediateSize,
    Activation activation,
    ExpertNames names)
    implements FeedForwardSpec {
  public MoeSpec {
    requireNonNull(activation, "activation is null");
    requireNonNull(names, "names is null");
  }

  /** Those of the experts that it is not given to. */
  @Override
  public long numIdleWeights(long hiddenSize) {
    return (numExperts - expertsPerToken) * 3L * intermediateSize * hiddenSize;
  }

  /**
   * Names of a mixture's modules.
   *
   * @param block the mixture, inside its layer
   * @param gate an expert's gate projection, inside the expert
   * @param up an expert's up projection
   * @param down an expert's down projection
   */
  public record ExpertNames(String block, String gate, String up, String down) {
    /** Name of the router within the layer. */
    String router() {
      return block + ".gate";
    }

    /** Prefix of an expert's modules within the layer. */
    String expert(int number) {
      return block + ".experts." + number + ".";
    }
  }
}
