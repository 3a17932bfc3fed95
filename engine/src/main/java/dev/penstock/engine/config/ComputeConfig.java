package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * How a rank computes its stages.
 *
 * @param recompute which layers run again in the backward pass, to save memory
 * @param precision of weights and activations
 */
public record ComputeConfig(Recompute recompute, Precision precision) implements Serializable {
  /** Float32, nothing recomputed. */
  public static final ComputeConfig DEFAULT = new ComputeConfig(Recompute.NONE, Precision.FLOAT32);

  public ComputeConfig {
    requireNonNull(recompute, "recompute is null");
    requireNonNull(precision, "precision is null");
  }

  /** The same with other recomputation. */
  public ComputeConfig withRecompute(Recompute newRecompute) {
    return new ComputeConfig(newRecompute, precision);
  }

  /** The same in another precision. */
  public ComputeConfig withPrecision(Precision newPrecision) {
    return new ComputeConfig(recompute, newPrecision);
  }
}
