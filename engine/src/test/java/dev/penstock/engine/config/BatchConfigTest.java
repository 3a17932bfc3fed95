package dev.penstock.engine.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchConfigTest {
  private static TrainingConfig run(BatchConfig batch, int dpSize) {
    return new TrainingConfig(
        "{}",
        new ParallelConfig(2, dpSize),
        batch,
        ScheduleConfig.named("1f1b"),
        OptimizerConfig.adamW(1e-3),
        LrScheduleConfig.constant(),
        1,
        0);
  }

  @Test
  void batchIsCutIntoStepsAndMicrobatches() {
    TrainingConfig config = run(new BatchConfig(64, 8, 2, 16), 2);
    assertThat(config.batch().accumulationSteps(config.parallel())).isEqualTo(4);
    assertThat(config.numMicrobatches()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(ints = {100_000_000, 2_000_000_000})
  void batchThatNoPlanCanHoldIsRefusedWithTheRemedy(int rows) {
    assertThatThrownBy(() -> run(new BatchConfig(rows, 1, 16), 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(String.format(Locale.ROOT, "globalBatchSize %d", rows))
        .hasMessageContaining(String.format(Locale.ROOT, "%d microbatches", rows))
        .hasMessageContaining("localBatchSize");
    assertThatThrownBy(() -> run(new BatchConfig(rows, rows, 16), 1))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(String.format(Locale.ROOT, "%d tokens", 16L * rows))
        .hasMessageContaining("localBatchSize");
    assertThat(run(new BatchConfig(rows, 8, 1, 16), 1).numMicrobatches()).isEqualTo(8);
  }

  @Test
  void productsDoNotOverflow() {
    assertThatThrownBy(() -> run(new BatchConfig(2_000_000_000, 2_000_000_000, 1, 16), 2))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("localBatchSize * dpSize");
    assertThatThrownBy(() -> run(new BatchConfig(Integer.MAX_VALUE, 1, 16), 2))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("Use a globalBatchSize of 2147483646 or 2147483648");
  }
}
