package dev.penstock.engine.train;

import java.util.List;

/**
 * What an optimizer step found, the same on every rank.
 *
 * @param loss mean loss over the counted tokens of the global batch, before the update
 * @param gradNorm norm of the gradient over all ranks, before clipping
 * @param countedTokens tokens that counted, over all replicas
 * @param countedWeight sum of their weights: what the sums of losses and gradients are divided by
 * @param peakBytes most memory that the process of each rank has held so far, by rank
 * @param signals what the ranks said beside it, summed place by place
 */
public record StepOutcome(
    double loss,
    double gradNorm,
    long countedTokens,
    double countedWeight,
    List<Long> peakBytes,
    List<Double> signals) {
  public StepOutcome {
    peakBytes = List.copyOf(peakBytes);
    signals = List.copyOf(signals);
  }

  static StepOutcome empty(List<Long> peakBytes, List<Double> signals) {
    return new StepOutcome(0, 0, 0, 0, peakBytes, signals);
  }

  /** Whether no token counted, or all weights were 0: there is neither loss nor gradient. */
  public boolean isEmpty() {
    return countedWeight == 0;
  }
}
