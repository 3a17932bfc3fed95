package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EmptyStepTest {
  private static final int EMPTY = 2;

  private static TrainingConfig config(int ppSize, int dpSize, double learningRate) {
    TrainingConfig config = new TestingRun(ppSize, dpSize, "1f1b", 2).config(false);
    return new TrainingConfig(
        config.modelConfigJson(),
        config.parallel(),
        config.batch(),
        config.schedule(),
        OptimizerConfig.adamW(learningRate),
        LrScheduleConfig.constant(),
        TestingRun.STEPS,
        config.seed());
  }

  private static TokenBatch uncounted(long step, int firstRow, int numRows) {
    TokenBatch rows = TestingRun.rows(step, firstRow, numRows);
    int[] labels = rows.labels().clone();
    Arrays.fill(labels, TokenBatch.IGNORE);
    return rows.withLabels(labels);
  }

  private static List<StepReport> reports(TrainingConfig config, TestingRun.Rows rows) {
    return TestingRun.train(config, rows, null).stream()
        .flatMap(result -> result.steps().stream())
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "2, 2"})
  void stepWithoutCountedTokensChangesNothing(int ppSize, int dpSize) {
    TrainingConfig config = config(ppSize, dpSize, 1e-2);
    List<StepReport> plain = reports(config, TestingRun::rows);
    List<StepReport> one =
        reports(
            config,
            (step, firstRow, numRows) ->
                step == EMPTY
                    ? uncounted(step, firstRow, numRows)
                    : TestingRun.rows(step, firstRow, numRows));
    StepReport empty = one.get(EMPTY);
    assertThat(empty.isEmpty()).isTrue();
    assertThat(empty.loss()).isZero();
    assertThat(empty.gradNorm()).isZero();
    assertThat(empty.step()).isEqualTo(EMPTY + 1);
    for (int step = EMPTY + 1; step < TestingRun.STEPS; step++) {
      assertThat(one.get(step).loss()).isEqualTo(plain.get(step - 1).loss());
    }
    assertThat(one).filteredOn(StepReport::isEmpty).hasSize(1);
  }

  @Test
  void lossThatIsNotFiniteIsNamedWithItsStep() {
    assertThatThrownBy(() -> reports(config(2, 1, 1e30), TestingRun::rows))
        .rootCause()
        .isInstanceOf(TrainingException.class)
        .hasMessageMatching("(?s)The loss is .*(NaN|Infinity).* No update was made of it\\. .*");
    assertThatThrownBy(() -> reports(config(2, 1, 1e30), TestingRun::rows))
        .hasMessageContaining("step 2: ");
  }
}
