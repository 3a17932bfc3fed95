package dev.penstock.engine.model.rope;

/**
 * NTK-aware scaling whose base grows with the sequence once it is longer than those of the
 * pretraining.
 *
 * @param factor strength of the growth
 * @param maxPositions length up to which nothing is scaled
 */
public record DynamicScaling(double factor, int maxPositions) implements RopeScaling {
  @Override
  public float[] inverseFrequencies(double theta, int rotaryDim, int seqLength) {
    if (seqLength <= maxPositions) {
      return RopeScaling.base(theta, rotaryDim);
    }
    float stretch = (float) factor * seqLength / maxPositions - (float) (factor - 1);
    double power = (double) rotaryDim / (rotaryDim - 2);
    return RopeScaling.base((float) theta * (float) Math.pow(stretch, (float) power), rotaryDim);
  }

  /** There is no limit: the scaling follows the length. */
  @Override
  public int longestSequence(int ignored) {
    return Integer.MAX_VALUE;
  }
}
