package dev.penstock.engine.model;

/**
 * Shape of the gated feed-forward layer {@code down(activation(gate(x)) * up(x))}.
 *
 * @param intermediateSize width between the projections
 * @param activation applied to the gate
 * @param bias whether the projections have biases
 * @param fusedGateUp whether the checkpoint holds gate and up as one {@code gate_up_proj}
 */
public record MlpSpec(
    int intermediateSize, Activation activation, boolean bias, boolean fusedGateUp)
    implements FeedForwardSpec {
  @Override
  public long numIdleWeights(long hiddenSize) {
    return 0;
  }
}
