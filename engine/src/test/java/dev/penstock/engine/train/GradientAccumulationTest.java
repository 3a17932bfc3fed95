package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GradientAccumulationTest {
  /** Rounding only: float32 sums in another order. */
  private static final double ROUNDING = 1e-5;

  private static TrainingConfig config(
      int ppSize, int dpSize, int localBatchSize, int microbatchSize, StepConfig steps) {
    return new TrainingConfig(
            TestingRun.MODEL.formatted(true),
            new ParallelConfig(ppSize, dpSize),
            new BatchConfig(TestingRun.ROWS, localBatchSize, microbatchSize, TestingRun.LENGTH),
            ScheduleConfig.named("1f1b"),
            OptimizerConfig.adamW(1e-2),
            LrScheduleConfig.constant(),
            1,
            7)
        .withSteps(steps);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "1, 1, 4, 2", "2, 1, 4, 2", "1, 2, 2, 1", "2, 2, 2, 1"})
  void partsOfABatchGiveTheCurveOfTheWholeBatch(
      int ppSize, int dpSize, int localBatchSize, int microbatchSize) {
    StepConfig steps = StepConfig.ofMaxSteps(4);
    List<Double> whole = TestingRun.losses(config(1, 1, TestingRun.ROWS, TestingRun.ROWS, steps));
    List<Double> parts =
        TestingRun.losses(config(ppSize, dpSize, localBatchSize, microbatchSize, steps));
    assertThat(parts).hasSize(4);
    for (int step = 0; step < 4; step++) {
      assertThat(parts.get(step)).isCloseTo(whole.get(step), within(ROUNDING));
    }
  }

  @Test
  void anEpochIsAllRowsOnce() {
    assertThat(TestingRun.losses(config(2, 1, 4, 2, StepConfig.ofEpochs(3)))).hasSize(3);
  }

  @Test
  void batchThatIsNotWholeIsRefused() {
    StepConfig steps = StepConfig.ofMaxSteps(1);
    assertThatThrownBy(() -> config(1, 2, 3, 1, steps))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("must be divisible by localBatchSize * dpSize (3 * 2)");
    assertThatThrownBy(() -> config(1, 1, 4, 3, steps))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("must be divisible by ppMicrobatchSize (3)");
  }
}
