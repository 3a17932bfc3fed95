package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  /** Of a loss of 4.6: bfloat16 has 8 bits. */
  private static final double BFLOAT16_TOLERANCE = 0.02;

  private static final ComputeConfig BFLOAT16 =
      ComputeConfig.DEFAULT.withPrecision(Precision.BFLOAT16);

  private static TrainingConfig config(int ppSize, int dpSize, String schedule) {
    return new TestingRun(ppSize, dpSize, schedule, 2)
        .config(true)
        .withSteps(StepConfig.ofMaxSteps(3));
  }

  @ParameterizedTest
  @CsvSource({"1, 1, gpipe", "2, 1, 1f1b", "2, 1, zbvzerobubble", "1, 2, 1f1b"})
  void bfloat16FollowsFloat32(int ppSize, int dpSize, String schedule) {
    List<Double> exact = TestingRun.losses(config(1, 1, "gpipe"));
    List<Double> rounded =
        TestingRun.losses(config(ppSize, dpSize, schedule).withCompute(BFLOAT16));
    assertThat(rounded).doesNotContain(Double.NaN).isNotEqualTo(exact);
    for (int step = 0; step < exact.size(); step++) {
      assertThat(rounded.get(step)).isCloseTo(exact.get(step), within(BFLOAT16_TOLERANCE));
    }
  }

  @Test
  void bfloat16RepeatsItselfAndRecomputesBitByBit() {
    TrainingConfig config = config(2, 1, "1f1b").withCompute(BFLOAT16);
    List<Double> losses = TestingRun.losses(config);
    assertThat(TestingRun.losses(config)).isEqualTo(losses);
    assertThat(TestingRun.losses(config.withCompute(BFLOAT16.withRecompute(Recompute.FULL))))
        .isEqualTo(losses);
  }

  @Test
  void namesAreThoseOfTorch() {
    assertThat(Precision.parse("torch.bfloat16")).isEqualTo(Precision.BFLOAT16);
    assertThat(Precision.parse("fp32")).isEqualTo(Precision.FLOAT32);
    assertThatThrownBy(() -> Precision.parse("float16"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Unknown precision 'float16'. Use float32 or bfloat16.");
  }
}
