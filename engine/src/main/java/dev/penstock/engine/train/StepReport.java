package dev.penstock.engine.train;

import java.io.Serializable;

/**
 * What one optimizer step did.
 *
 * @param step step number, from 1
 * @param loss mean loss over the counted tokens of the global batch, before the update
 * @param gradNorm 2-norm of the gradient over all ranks, before clipping
 * @param learningRate learning rate of this step
 * @param countedTokens tokens that counted in the loss, over all replicas
 * @param tokens tokens read, over all replicas
 * @param seconds wall time of the step on this rank
 * @param peakBytes most memory that the process of any rank has held so far; 0 if nobody measured
 * @param dataSeconds what getting the rows took, a mean over the replicas; 0 if nobody measured
 */
public record StepReport(
    long step,
    double loss,
    double gradNorm,
    double learningRate,
    long countedTokens,
    long tokens,
    double seconds,
    long peakBytes,
    double dataSeconds)
    implements Serializable {
  /** Whether no token counted in the loss, or only with weight 0: nothing was updated. */
  public boolean isEmpty() {
    return countedTokens == 0;
  }

  /** A step whose memory nobody measured. */
  public StepReport(
      long step,
      double loss,
      double gradNorm,
      double learningRate,
      long countedTokens,
      long tokens,
      double seconds) {
    this(step, loss, gradNorm, learningRate, countedTokens, tokens, seconds, 0, 0);
  }
}
