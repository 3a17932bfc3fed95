package dev.penstock.engine.model.rope;

import java.util.List;

/**
 * LongRoPE (Ding et al. 2024, arXiv:2402.13753): every dimension has a factor of its own, one for
 * sequences within the pretraining's length and one for longer ones.
 *
 * @param shortFactors factor of each pair's wavelength up to that length
 * @param longFactors factor of each pair's wavelength beyond it
 * @param originalMaxPositions sequence length of the pretraining
 * @param attentionFactor factor of sine and cosine
 */
public record LongRopeScaling(
    List<Double> shortFactors,
    List<Double> longFactors,
    int originalMaxPositions,
    double attentionFactor)
    implements RopeScaling {
  public LongRopeScaling {
    shortFactors = List.copyOf(shortFactors);
    longFactors = List.copyOf(longFactors);
  }

  @Override
  public float[] inverseFrequencies(double theta, int rotaryDim, int seqLength) {
    List<Double> factors = seqLength > originalMaxPositions ? longFactors : shortFactors;
    float[] frequencies = RopeScaling.wavelengths(theta, rotaryDim);
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1f / (factors.get(i).floatValue() * frequencies[i]);
    }
    return frequencies;
  }

  @Override
  public int longestWithSameFrequencies() {
    return originalMaxPositions;
  }
}
