package dev.penstock.engine.config;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How a rank computes its stages.
 *
 * @param recompute which layers run again in the backward pass, to save memory
 * @param precision of weights and activations
 * @param documentMask whether a token attends to its own document alone, where a row holds several;
 *     positions then begin anew with each document, and the first token of one is not predicted
 *     from the last of another
 * @param dropout share of elements that training drops in every place that the model's family has a
 *     key for, in [0, 1); null: what the model's config says
 */
public record ComputeConfig(
    Recompute recompute, Precision precision, boolean documentMask, @Nullable Double dropout)
    implements Serializable {
  /** Float32, nothing recomputed, a row taken as one text, dropout as the model's config says. */
  public static final ComputeConfig DEFAULT =
      new ComputeConfig(Recompute.NONE, Precision.FLOAT32, false, null);

  public ComputeConfig {
    requireNonNull(recompute, "recompute is null");
    requireNonNull(precision, "precision is null");
    if (dropout != null && !(dropout >= 0 && dropout < 1)) {
      throw new ConfigException(
          "dropout must be at least 0 and below 1, but is %s.".formatted(dropout));
    }
  }

  /** The same with other recomputation. */
  public ComputeConfig withRecompute(Recompute newRecompute) {
    return new ComputeConfig(newRecompute, precision, documentMask, dropout);
  }

  /** The same in another precision. */
  public ComputeConfig withPrecision(Precision newPrecision) {
    return new ComputeConfig(recompute, newPrecision, documentMask, dropout);
  }

  /** The same with the documents of a row kept apart, or not. */
  public ComputeConfig withDocumentMask(boolean newDocumentMask) {
    return new ComputeConfig(recompute, precision, newDocumentMask, dropout);
  }

  /** The same with another dropout than the model's config says. */
  public ComputeConfig withDropout(double newDropout) {
    return new ComputeConfig(recompute, precision, documentMask, newDropout);
  }
}
