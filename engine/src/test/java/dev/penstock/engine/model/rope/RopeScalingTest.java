package dev.penstock.engine.model.rope;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class RopeScalingTest {
  private static final double THETA = 10_000;
  private static final int DIM = 64;
  private static final float[] PLAIN = RopeScaling.base(THETA, DIM);
  private static final float ROUNDING = 1e-6f;

  private static float[] divided(float[] frequencies, double factor) {
    float[] result = frequencies.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] = (float) (result[i] / factor);
    }
    return result;
  }

  @Test
  void theFirstPairTurnsByOneRadianAndTheOthersBySlowerPowers() {
    assertThat(PLAIN).hasSize(DIM / 2);
    assertThat(PLAIN[0]).isEqualTo(1);
    assertThat((double) PLAIN[DIM / 4]).isCloseTo(0.01, within(1e-8));
  }

  @Test
  void linearScalingDividesAllAlikeAndAllowsLongerSequences() {
    LinearScaling scaling = new LinearScaling(4);
    assertThat(scaling.inverseFrequencies(THETA, DIM, 16))
        .containsExactly(divided(PLAIN, 4), within(ROUNDING));
    assertThat(scaling.longestSequence(2048)).isEqualTo(8192);
  }

  @Test
  void dynamicScalingStartsBeyondTheLengthOfThePretraining() {
    DynamicScaling scaling = new DynamicScaling(2, 1024);
    assertThat(scaling.inverseFrequencies(THETA, DIM, 1024)).containsExactly(PLAIN);
    float[] longer = scaling.inverseFrequencies(THETA, DIM, 2048);
    assertThat(longer[0]).isEqualTo(1);
    assertThat(longer[DIM / 2 - 1]).isLessThan(PLAIN[DIM / 2 - 1] / 2);
  }

  @Test
  void llama3KeepsShortWavelengthsAndStretchesLongOnes() {
    float[] scaled = new Llama3Scaling(8, 1, 4, 1024).inverseFrequencies(THETA, DIM, 16);
    assertThat(scaled[0]).isEqualTo(PLAIN[0]);
    assertThat(scaled[DIM / 2 - 1]).isEqualTo(PLAIN[DIM / 2 - 1] / 8);
    for (int i = 0; i < PLAIN.length; i++) {
      assertThat(scaled[i]).isBetween(PLAIN[i] / 8, PLAIN[i]);
    }
  }

  @Test
  void yarnKeepsWhatTurnsOftenAndInterpolatesWhatTurnsRarely() {
    YarnScaling yarn = new YarnScaling(4, 2048, 32, 1, true, 1);
    float[] scaled = yarn.inverseFrequencies(THETA, DIM, 16);
    assertThat(scaled[0]).isEqualTo(PLAIN[0]);
    assertThat(scaled[DIM / 2 - 1]).isCloseTo(PLAIN[DIM / 2 - 1] / 4, within(ROUNDING));
    assertThat(yarn.longestSequence(2048)).isEqualTo(8192);
    assertThat(YarnScaling.defaultAttentionFactor(4, 1))
        .isCloseTo(0.1 * Math.log(4) + 1, within(1e-12));
    assertThat(YarnScaling.defaultAttentionFactor(1, 1)).isEqualTo(1);
  }

  @Test
  void longRopeTakesTheFactorsOfTheLength() {
    List<Double> twice = Collections.nCopies(DIM / 2, 2.0);
    List<Double> fourTimes = Collections.nCopies(DIM / 2, 4.0);
    LongRopeScaling scaling = new LongRopeScaling(twice, fourTimes, 4096, 1);
    assertThat(scaling.inverseFrequencies(THETA, DIM, 4096))
        .containsExactly(divided(PLAIN, 2), within(ROUNDING));
    assertThat(scaling.inverseFrequencies(THETA, DIM, 4097))
        .containsExactly(divided(PLAIN, 4), within(ROUNDING));
    assertThat(scaling.longestWithSameFrequencies()).isEqualTo(4096);
  }
}
