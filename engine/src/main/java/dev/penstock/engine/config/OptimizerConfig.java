package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Optimizer and gradient clipping.
 *
 * @param kind which optimizer
 * @param learningRate peak learning rate
 * @param beta1 decay of the first moment (Adam, AdamW)
 * @param beta2 decay of the second moment (Adam, AdamW)
 * @param epsilon added to the root of the second moment (Adam, AdamW)
 * @param momentum share of the update before that is kept (SGD)
 * @param weightDecay over the steps
 * @param noDecayPatterns regular expressions; a parameter in whose name one is found is not
 *     decayed, e.g. {@code norm} and {@code \.bias$}
 * @param clipping of the gradients
 * @param shardState whether each replica keeps the moments of its share of the parameters alone and
 *     updates that share for all (ZeRO stage 1)
 */
public record OptimizerConfig(
    OptimizerKind kind,
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double momentum,
    WeightDecayScheduleConfig weightDecay,
    List<String> noDecayPatterns,
    Clipping clipping,
    boolean shardState)
    implements Serializable {
  /**
   * Gradients are scaled down to a norm over all ranks.
   *
   * @param maxGradNorm the norm; 0: no clipping
   * @param normType order of the norm: 2, any other positive number, or infinity for the largest
   *     element
   */
  public record Clipping(double maxGradNorm, double normType) implements Serializable {
    public Clipping {
      ConfigException.check(
          maxGradNorm >= 0,
          "maxGradNorm must not be negative (0 turns clipping off), but is %s.",
          maxGradNorm);
      ConfigException.check(normType > 0, "normType must be positive, but is %s.", normType);
    }

    /** By the 2-norm. */
    public static Clipping to(double maxGradNorm) {
      return new Clipping(maxGradNorm, 2);
    }
  }

  public OptimizerConfig {
    requireNonNull(kind, "kind is null");
    requireNonNull(weightDecay, "weightDecay is null");
    requireNonNull(clipping, "clipping is null");
    ConfigException.check(
        learningRate > 0 && Double.isFinite(learningRate),
        "learningRate must be positive, but is %s.",
        learningRate);
    ConfigException.check(beta1 >= 0 && beta1 < 1, "beta1 must be in [0, 1), but is %s.", beta1);
    ConfigException.check(beta2 >= 0 && beta2 < 1, "beta2 must be in [0, 1), but is %s.", beta2);
    ConfigException.check(epsilon > 0, "epsilon must be positive, but is %s.", epsilon);
    ConfigException.check(
        momentum >= 0 && momentum < 1, "momentum must be in [0, 1), but is %s.", momentum);
    noDecayPatterns = List.copyOf(noDecayPatterns);
    noDecayPatterns.forEach(OptimizerConfig::checkPattern);
  }

  private static void checkPattern(String pattern) {
    try {
      Pattern.compile(pattern);
    } catch (PatternSyntaxException e) {
      throw new ConfigException(
          "noDecayPatterns has '%s', which is not a regular expression: %s"
              .formatted(pattern, e.getDescription()),
          e);
    }
  }

  /** AdamW with one decay for every parameter and every step, and clipping by the 2-norm. */
  public OptimizerConfig(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double maxGradNorm) {
    this(
        OptimizerKind.ADAMW,
        learningRate,
        beta1,
        beta2,
        epsilon,
        0,
        WeightDecayScheduleConfig.constant(weightDecay),
        List.of(),
        Clipping.to(maxGradNorm),
        false);
  }

  /** The reference's defaults: betas 0.9 and 0.999, epsilon 1e-8, decay 0.01, clipping at 1. */
  public static OptimizerConfig adamW(double learningRate) {
    return new OptimizerConfig(learningRate, 0.9, 0.999, 1e-8, 0.01, 1.0);
  }

  /** The same with another optimizer; {@code newMomentum} is for SGD. */
  public OptimizerConfig withKind(OptimizerKind newKind, double newMomentum) {
    return new OptimizerConfig(
        newKind,
        learningRate,
        beta1,
        beta2,
        epsilon,
        newMomentum,
        weightDecay,
        noDecayPatterns,
        clipping,
        shardState);
  }

  /** The same with another weight decay. */
  public OptimizerConfig withWeightDecay(
      WeightDecayScheduleConfig newDecay, List<String> newExclusions) {
    return new OptimizerConfig(
        kind,
        learningRate,
        beta1,
        beta2,
        epsilon,
        momentum,
        newDecay,
        newExclusions,
        clipping,
        shardState);
  }

  /** The same with other clipping. */
  public OptimizerConfig withClipping(Clipping newClipping) {
    return new OptimizerConfig(
        kind,
        learningRate,
        beta1,
        beta2,
        epsilon,
        momentum,
        weightDecay,
        noDecayPatterns,
        newClipping,
        shardState);
  }

  /** The same, with the moments dealt out to the replicas or not. */
  public OptimizerConfig withShardState(boolean shard) {
    return new OptimizerConfig(
        kind,
        learningRate,
        beta1,
        beta2,
        epsilon,
        momentum,
        weightDecay,
        noDecayPatterns,
        clipping,
        shard);
  }
}
