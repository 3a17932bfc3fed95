package dev.penstock.engine.model.rope;

/**
 * YaRN (Peng et al. 2023, arXiv:2309.00071): dimensions that turn often within the pretraining's
 * length are kept, those that turn rarely are interpolated, and a ramp lies between.
 *
 * @param factor how many times longer sequences may be
 * @param originalMaxPositions sequence length of the pretraining
 * @param betaFast turns from which a dimension is kept
 * @param betaSlow turns up to which a dimension is interpolated
 * @param truncate whether the ramp starts and ends at whole dimensions
 * @param attentionFactor factor of sine and cosine
 */
public record YarnScaling(
    double factor,
    int originalMaxPositions,
    double betaFast,
    double betaSlow,
    boolean truncate,
    double attentionFactor)
    implements RopeScaling {
  @Override
  public float[] inverseFrequencies(double theta, int rotaryDim, int seqLength) {
    double low = dimension(betaFast, theta, rotaryDim);
    double high = dimension(betaSlow, theta, rotaryDim);
    if (truncate) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, rotaryDim - 1);
    if (low == high) {
      high += 0.001;
    }
    float[] wavelengths = RopeScaling.wavelengths(theta, rotaryDim);
    float[] frequencies = new float[wavelengths.length];
    for (int i = 0; i < frequencies.length; i++) {
      float ramp = Math.max(0f, Math.min(1f, (i - (float) low) / (float) (high - low)));
      float kept = 1 - ramp;
      frequencies[i] =
          1f / ((float) factor * wavelengths[i]) * (1 - kept) + 1f / wavelengths[i] * kept;
    }
    return frequencies;
  }

  /** The dimension that turns so many times within the pretraining's length. */
  private double dimension(double turns, double theta, int rotaryDim) {
    return rotaryDim
        * Math.log(originalMaxPositions / (turns * 2 * Math.PI))
        / (2 * Math.log(theta));
  }

  @Override
  public int longestSequence(int maxPositions) {
    return Math.max(maxPositions, (int) (originalMaxPositions * factor));
  }

  /** The paper's attention factor for a context stretched by {@code factor}. */
  public static double defaultAttentionFactor(double factor, double scale) {
    return factor <= 1 ? 1.0 : 0.1 * scale * Math.log(factor) + 1.0;
  }
}
