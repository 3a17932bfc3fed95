package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.WeightDecayScheduleConfig;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataParallelTest {
  /** Rounding only: float32 sums in another order. */
  private static final double ROUNDING = 1e-5;

  private static final OptimizerConfig DECAYED =
      OptimizerConfig.adamW(1e-2)
          .withWeightDecay(
              new WeightDecayScheduleConfig("linear", 0, 0.2, 4), List.of("norm", "bias"));

  private static TrainingConfig config(
      int ppSize, int dpSize, String schedule, int localBatchSize, OptimizerConfig optimizer) {
    return new TrainingConfig(
        TestingRun.MODEL.formatted(true),
        new ParallelConfig(ppSize, dpSize),
        new BatchConfig(TestingRun.ROWS, localBatchSize, 1, TestingRun.LENGTH),
        ScheduleConfig.named(schedule),
        optimizer,
        LrScheduleConfig.constant(),
        5,
        7);
  }

  private static List<Double> losses(
      int ppSize, int dpSize, String schedule, int localBatchSize, OptimizerConfig optimizer) {
    return TestingRun.losses(config(ppSize, dpSize, schedule, localBatchSize, optimizer));
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1f1b, 8, true",
    "1, 2, 1f1b, 4, false",
    "1, 2, 1f1b, 2, true",
    "1, 4, gpipe, 2, true",
    "2, 2, 1f1b, 4, false",
    "2, 2, 1f1b, 2, true",
    "2, 2, interleaved1f1b, 4, true",
    "2, 2, zbvzerobubble, 4, false",
    "2, 2, zbvzerobubble, 4, true",
    "2, 4, 1f1b, 2, true"
  })
  void replicasAndShardedMomentsChangeNothingButRounding(
      int ppSize, int dpSize, String schedule, int localBatchSize, boolean shardState) {
    List<Double> expected = losses(1, 1, "gpipe", TestingRun.ROWS, DECAYED);
    List<Double> actual =
        losses(ppSize, dpSize, schedule, localBatchSize, DECAYED.withShardState(shardState));
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
  }

  @ParameterizedTest
  @CsvSource({"ADAM, 0", "SGD, 0", "SGD, 0.9"})
  void everyOptimizerShardsItsState(OptimizerKind kind, double momentum) {
    OptimizerConfig optimizer = DECAYED.withKind(kind, momentum);
    List<Double> expected = losses(1, 1, "gpipe", TestingRun.ROWS, optimizer);
    List<Double> actual = losses(2, 2, "1f1b", 4, optimizer.withShardState(true));
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
    assertThat(actual.get(4)).isLessThan(actual.get(0));
  }

  @Test
  void transportsGiveTheSameBits() {
    TrainingConfig config = config(2, 2, "interleaved1f1b", 4, DECAYED.withShardState(true));
    assertThat(TestingRun.lossesOverTcp(config)).isEqualTo(TestingRun.losses(config));
  }
}
