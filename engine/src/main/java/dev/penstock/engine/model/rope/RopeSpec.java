package dev.penstock.engine.model.rope;

import static java.util.Objects.requireNonNull;

/**
 * A rotary position embedding (Su et al. 2021, arXiv:2104.09864) with one of the frequency scalings
 * of transformers' {@code modeling_rope_utils}.
 *
 * @param theta base of the frequencies
 * @param rotaryDim leading dimensions of a head that are rotated; even
 * @param scaling how the frequencies are changed for long contexts
 */
public record RopeSpec(double theta, int rotaryDim, RopeScaling scaling) {
  public RopeSpec {
    requireNonNull(scaling, "scaling is null");
  }

  /** Angle per position of each pair of dimensions, for sequences of this length. */
  public float[] inverseFrequencies(int seqLength) {
    return scaling.inverseFrequencies(theta, rotaryDim, seqLength);
  }

  /** Factor of sine and cosine. */
  public double attentionFactor() {
    return scaling.attentionFactor();
  }
}
