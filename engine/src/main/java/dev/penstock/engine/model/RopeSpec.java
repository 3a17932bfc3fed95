package dev.penstock.engine.model;

/**
 * A rotary position embedding (Su et al. 2021, arXiv:2104.09864) with one of the frequency scalings
 * of transformers' {@code modeling_rope_utils}.
 *
 * @param theta base of the frequencies
 * @param rotaryDim leading dimensions of a head that are rotated; even
 * @param scaling how the frequencies are changed for long contexts
 */
public record RopeSpec(double theta, int rotaryDim, RopeScaling scaling) {
  /** Unscaled rotary embedding over the whole head. */
  public static RopeSpec of(double theta, int rotaryDim) {
    return new RopeSpec(theta, rotaryDim, RopeScaling.NONE);
  }

  /** Angle per position of each pair of dimensions, for sequences of this length. */
  public double[] inverseFrequencies(int seqLength) {
    return scaling.inverseFrequencies(theta, rotaryDim, seqLength);
  }

  /** Factor of sine and cosine (above 1 for yarn only). */
  public double attentionFactor() {
    return scaling.attentionFactor();
  }
}
