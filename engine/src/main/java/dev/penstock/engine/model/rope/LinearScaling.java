package dev.penstock.engine.model.rope;

/**
 * Position interpolation (Chen et al. 2023, arXiv:2306.15595): all frequencies divided alike.
 *
 * @param factor how many times longer sequences may be
 */
public record LinearScaling(double factor) implements RopeScaling {
  @Override
  public float[] inverseFrequencies(double theta, int rotaryDim, int seqLength) {
    float[] frequencies = RopeScaling.base(theta, rotaryDim);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] /= (float) factor;
    }
    return frequencies;
  }

  @Override
  public int longestSequence(int maxPositions) {
    return (int) (maxPositions * factor);
  }
}
