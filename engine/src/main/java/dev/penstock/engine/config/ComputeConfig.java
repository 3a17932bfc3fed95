package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * How a rank computes its stages.
 *
 * @param recompute which layers run again in the backward pass, to save memory
 */
public record ComputeConfig(Recompute recompute) implements Serializable {
  /** Nothing is recomputed. */
  public static final ComputeConfig DEFAULT = new ComputeConfig(Recompute.NONE);

  public ComputeConfig {
    requireNonNull(recompute, "recompute is null");
  }

  /** The same with other recomputation. */
  public ComputeConfig withRecompute(Recompute newRecompute) {
    return new ComputeConfig(newRecompute);
  }
}
