package dev.penstock.engine.model.rope;

/**
 * Changes the frequencies of a rotary embedding. Implementations are values: pure, immutable, equal
 * by content.
 *
 * <p>They compute in float32 and in the order of transformers' {@code modeling_rope_utils}: an
 * angle is a frequency times a position, so at late positions the difference to float64 would show
 * in the logits.
 */
public interface RopeScaling {
  /** The frequencies of the original paper. */
  RopeScaling NONE = (theta, rotaryDim, seqLength) -> base(theta, rotaryDim);

  /** Longer than any sequence. */
  int UNLIMITED = Integer.MAX_VALUE - 1;

  /**
   * Angle per position of each of the {@code rotaryDim / 2} pairs.
   *
   * @param theta base
   * @param rotaryDim rotated dimensions
   * @param seqLength length of the sequence at hand; only some scalings look at it
   */
  float[] inverseFrequencies(double theta, int rotaryDim, int seqLength);

  /** Factor of sine and cosine. */
  default double attentionFactor() {
    return 1.0;
  }

  /**
   * Longest sequence the scaling is made for.
   *
   * @param maxPositions the {@code max_position_embeddings} of the configuration
   */
  default int longestSequence(int maxPositions) {
    return maxPositions;
  }

  /**
   * Longest sequence whose rotated keys may be kept while it grows; beyond it the frequencies are
   * others and transformers rotates all keys anew.
   */
  default int longestWithSameFrequencies() {
    return UNLIMITED;
  }

  /** {@code theta^(-2i / rotaryDim)}. */
  static float[] base(double theta, int rotaryDim) {
    float[] frequencies = wavelengths(theta, rotaryDim);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1f / frequencies[i];
    }
    return frequencies;
  }

  /** {@code theta^(2i / rotaryDim)}: positions per radian. */
  static float[] wavelengths(double theta, int rotaryDim) {
    float[] wavelengths = new float[rotaryDim / 2];
    for (int i = 0; i < wavelengths.length; i++) {
      float exponent = 2f * i / rotaryDim;
      wavelengths[i] = (float) Math.pow(theta, exponent);
    }
    return wavelengths;
  }
}
