package dev.penstock.engine.model.rope;

/**
 * The scaling of Llama 3.1: long wavelengths are stretched, short ones kept, those between blended.
 *
 * @param factor how much long wavelengths are stretched
 * @param lowFrequencyFactor wavelengths above {@code originalMaxPositions / this} are stretched
 * @param highFrequencyFactor wavelengths below {@code originalMaxPositions / this} are kept
 * @param originalMaxPositions sequence length of the pretraining
 */
public record Llama3Scaling(
    double factor, double lowFrequencyFactor, double highFrequencyFactor, int originalMaxPositions)
    implements RopeScaling {
  @Override
  public float[] inverseFrequencies(double theta, int rotaryDim, int seqLength) {
    float[] frequencies = RopeScaling.base(theta, rotaryDim);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = scale(frequencies[i]);
    }
    return frequencies;
  }

  private float scale(float frequency) {
    float wavelength = 1f / frequency * (float) (2 * Math.PI);
    if (wavelength > (float) (originalMaxPositions / lowFrequencyFactor)) {
      return frequency / (float) factor;
    }
    if (wavelength < (float) (originalMaxPositions / highFrequencyFactor)) {
      return frequency;
    }
    float smooth =
        (1f / wavelength * originalMaxPositions - (float) lowFrequencyFactor)
            / (float) (highFrequencyFactor - lowFrequencyFactor);
    return (1 - smooth) * frequency / (float) factor + smooth * frequency;
  }
}
