package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * How a rank computes its stages.
 *
 * @param recompute which layers run again in the backward pass, to save memory
 * @param precision of weights and activations
 * @param documentMask whether a token attends to its own document alone, where a row holds several;
 *     positions then begin anew with each document, and the first token of one is not predicted
 *     from the last of another
 */
public record ComputeConfig(Recompute recompute, Precision precision, boolean documentMask)
    implements Serializable {
  /** Float32, nothing recomputed, a row taken as one text. */
  public static final ComputeConfig DEFAULT =
      new ComputeConfig(Recompute.NONE, Precision.FLOAT32, false);

  public ComputeConfig {
    requireNonNull(recompute, "recompute is null");
    requireNonNull(precision, "precision is null");
  }

  /** The same with other recomputation. */
  public ComputeConfig withRecompute(Recompute newRecompute) {
    return new ComputeConfig(newRecompute, precision, documentMask);
  }

  /** The same in another precision. */
  public ComputeConfig withPrecision(Precision newPrecision) {
    return new ComputeConfig(recompute, newPrecision, documentMask);
  }

  /** The same with the documents of a row kept apart, or not. */
  public ComputeConfig withDocumentMask(boolean newDocumentMask) {
    return new ComputeConfig(recompute, precision, newDocumentMask);
  }
}
