package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LossWeightsTest {
  private static final double ROUNDING = 1e-5;

  /** Rows with weights of their own. */
  private record Weighted(float... byRow) implements TestingRun.Rows {
    @Override
    public TokenBatch read(long step, int firstRow, int numRows) {
      float[] weights = Arrays.copyOfRange(byRow, firstRow, firstRow + numRows);
      return TestingRun.rows(step, firstRow, numRows).withRowWeights(weights);
    }

    @Override
    public boolean weighted() {
      return true;
    }
  }

  /** Rows of which those without weight are ignored token by token. */
  private static TokenBatch withoutOddRows(long step, int firstRow, int numRows) {
    TokenBatch batch = TestingRun.rows(step, firstRow, numRows);
    for (int i = 0; i < batch.labels().length; i++) {
      if ((firstRow + i / TestingRun.LENGTH) % 2 == 1) {
        batch.labels()[i] = TokenBatch.IGNORE;
      }
    }
    return batch;
  }

  private static void assertSameCurve(List<Double> actual, List<Double> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 8", "2, 1, 2", "2, 2, 1"})
  void equalWeightsChangeNothing(int ppSize, int dpSize, int microbatchSize) {
    TestingRun run = new TestingRun(ppSize, dpSize, "1f1b", microbatchSize);
    Weighted rows = new Weighted(3, 3, 3, 3, 3, 3, 3, 3);
    assertSameCurve(TestingRun.losses(run.config(true), rows), run.losses(true));
  }

  @Test
  void rowOfWeightZeroCountsAsLittleAsIgnoredLabels() {
    TestingRun run = new TestingRun(2, 1, "1f1b", 2);
    List<Double> weighted =
        TestingRun.losses(run.config(true), new Weighted(1, 0, 1, 0, 1, 0, 1, 0));
    assertSameCurve(weighted, TestingRun.losses(run.config(true), LossWeightsTest::withoutOddRows));
  }

  @Test
  void weightsBelongToTheLabelsAndNotToThePositionsBeforeThem() {
    int[] ids = {1, 2, 3, 4};
    TokenBatch batch =
        new TokenBatch(1, 4, ids, new int[] {1, TokenBatch.IGNORE, 3, 4}, new float[] {8, 4, 2, 1});
    assertThat(BatchExchange.countedTokens(batch)).isEqualTo(2);
    assertThat(BatchExchange.countedWeight(batch)).isEqualTo(3);
  }

  @Test
  void withoutAnyWeightStepsAreEmpty() {
    TestingRun run = new TestingRun(2, 1, "1f1b", 2);
    assertThat(TestingRun.losses(run.config(true), new Weighted(0, 0, 0, 0, 0, 0, 0, 0)))
        .containsOnly(0.0);
  }

  @Test
  void weightsThatCannotBeUsedAreRefused() {
    TestingRun run = new TestingRun(1, 1, "1f1b", 2);
    assertThatThrownBy(
            () -> TestingRun.losses(run.config(true), new Weighted(1, -1, 0, 0, 0, 0, 0, 0)))
        .hasMessageContaining("row 1 has -1.0");
  }
}
