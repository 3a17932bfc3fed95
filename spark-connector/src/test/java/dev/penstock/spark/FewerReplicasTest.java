package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.penstock.engine.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With four task slots, which are all there will ever be. */
class FewerReplicasTest {
  private static final double ROUNDING = 1e-5;

  @TempDir Path folder;

  @BeforeEach
  void startSpark() {
    TestSpark.session();
  }

  private CausalLMTrainer trainer(String output, int dpSize) {
    return TestModels.trainer(folder)
        .setPpSize(1)
        .setDpSize(dpSize)
        .setPpMicrobatchSize(1)
        .setOutputPath(folder.resolve(output).toUri().toString());
  }

  @Test
  void fewerReplicasTakeTheSameBatchesInMoreSteps() {
    List<String> lines = new ArrayList<>();
    CausalLMModel fewer =
        trainer("fewer", 8).setMinDpSize(3).setProgressLines(lines::add).fit(TestModels.verses());
    assertThat(lines.get(0))
        .isEqualTo("runs with dpSize 4 of 8, for there are 4 task slots of 8 (minDpSize)");
    assertThat(fewer.summary().peakBytes()).hasSize(4);
    double[] expected = trainer("one", 1).fit(TestModels.verses()).summary().objectiveHistory();
    assertThat(fewer.summary().objectiveHistory()).containsExactly(expected, offset(ROUNDING));
  }

  @Test
  void replicasThatCannotShareTheBatchAreNotUsed() {
    assertThatThrownBy(() -> trainer("none", 8).setMinDpSize(5).fit(TestModels.verses())) // so 8
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("ppSize 1 x dpSize 8 = 8 ranks")
        .hasMessageContaining("local[4] has 4");
    assertThatThrownBy(() -> trainer("more", 2).setMinDpSize(3).fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("minDpSize (3) must be at most dpSize (2)");
  }
}
