package dev.penstock.engine.model;

/** Shape of a layer's feed-forward part: one for every token, or experts that a router chooses. */
public sealed interface FeedForwardSpec permits MlpSpec, MoeSpec {
  /**
   * Weights of the part that a token does not meet.
   *
   * @param hiddenSize width of the residual stream
   */
  long numIdleWeights(long hiddenSize);
}
