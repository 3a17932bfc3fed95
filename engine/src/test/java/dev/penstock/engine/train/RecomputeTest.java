package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.TrainingConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecomputeTest {
  private static TrainingConfig recomputed(TrainingConfig config, String recompute) {
    return config.withCompute(ComputeConfig.DEFAULT.withRecompute(Recompute.parse(recompute)));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1f1b, full",
    "1, gpipe, 1",
    "2, 1f1b, full",
    "2, 1f1b, 1",
    "2, interleaved1f1b, full",
    "2, interleavedzerobubble, full",
    "2, zbvzerobubble, full",
    "4, 1f1b, full"
  })
  void recomputationChangesNoBit(int ppSize, String schedule, String recompute) {
    for (boolean tied : new boolean[] {false, true}) {
      TrainingConfig config = new TestingRun(ppSize, 1, schedule, 2).config(tied);
      assertThat(TestingRun.losses(recomputed(config, recompute)))
          .isEqualTo(TestingRun.losses(config));
    }
  }

  @Test
  void settingIsNoneFullOrANumber() {
    assertThat(Recompute.parse("none")).isEqualTo(Recompute.NONE);
    assertThat(Recompute.parse("full")).isEqualTo(Recompute.FULL).hasToString("full");
    assertThat(Recompute.parse("3").layersPerStage()).isEqualTo(3);
    for (String wrong : new String[] {"selective", "-1", ""}) {
      assertThatThrownBy(() -> Recompute.parse(wrong))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("recompute must be 'none', 'full' or a number of layers");
    }
  }
}
