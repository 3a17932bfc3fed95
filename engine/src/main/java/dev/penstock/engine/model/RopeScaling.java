package dev.penstock.engine.model;

/**
 * Changes the frequencies of a rotary embedding. Implementations are values: pure, immutable, equal
 * by content.
 */
public interface RopeScaling {
  /** The frequencies of the original paper. */
  RopeScaling NONE = (theta, rotaryDim, seqLength) -> base(theta, rotaryDim);

  /**
   * Angle per position of each of the {@code rotaryDim / 2} pairs.
   *
   * @param theta base
   * @param rotaryDim rotated dimensions
   * @param seqLength length of the sequence at hand; only dynamic scaling looks at it
   */
  double[] inverseFrequencies(double theta, int rotaryDim, int seqLength);

  /** Factor of sine and cosine. */
  default double attentionFactor() {
    return 1.0;
  }

  /**
   * {@code theta^(-2i / rotaryDim)}, in float32 arithmetic as transformers computes it: at late
   * positions the difference to float64 would show in the logits.
   */
  static double[] base(double theta, int rotaryDim) {
    double[] frequencies = new double[rotaryDim / 2];
    for (int i = 0; i < frequencies.length; i++) {
      float exponent = 2f * i / rotaryDim;
      frequencies[i] = 1f / (float) Math.pow(theta, exponent);
    }
    return frequencies;
  }
}
