package dev.penstock.engine.config;

import java.io.Serializable;

/**
 * AdamW with decoupled weight decay, and gradient clipping.
 *
 * @param learningRate peak learning rate
 * @param beta1 decay of the first moment
 * @param beta2 decay of the second moment
 * @param epsilon added to the root of the second moment
 * @param weightDecay decoupled decay, applied to every parameter
 * @param maxGradNorm gradients are scaled down to this 2-norm over all ranks; 0: no clipping
 */
public record OptimizerConfig(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double maxGradNorm)
    implements Serializable {
  public OptimizerConfig {
    ConfigException.check(
        learningRate > 0 && Double.isFinite(learningRate),
        "learningRate must be positive, but is %s.",
        learningRate);
    ConfigException.check(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), but is %s.", beta1);
    ConfigException.check(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), but is %s.", beta2);
    ConfigException.check(epsilon > 0, "epsilon must be positive, but is %s.", epsilon);
    ConfigException.check(
        weightDecay >= 0, "weightDecay must not be negative, but is %s.", weightDecay);
    ConfigException.check(
        maxGradNorm >= 0,
        "maxGradNorm must not be negative (0 turns clipping off), but is %s.",
        maxGradNorm);
  }

  /** The reference's defaults: betas 0.9 and 0.999, epsilon 1e-8, decay 0.01, clipping at 1. */
  public static OptimizerConfig adamW(double learningRate) {
    return new OptimizerConfig(learningRate, 0.9, 0.999, 1e-8, 0.01, 1.0);
  }
}
