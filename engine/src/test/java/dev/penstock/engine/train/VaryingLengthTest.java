package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Padding that a batch does not need changes nothing, on no layout. */
class VaryingLengthTest {
  private static final double ROUNDING = 1e-5;
  private static final int LENGTH = TestingRun.LENGTH;

  /** Rows of 4 tokens to a full row, each padded to the longest of its batch, or to a full row. */
  private record Padded(boolean toLongest) implements TestingRun.Rows {
    @Override
    public boolean variesInLength() {
      return toLongest;
    }

    private static int tokens(long step, int row) {
      return 4 + (int) ((step * 5 + row * 3L) % (LENGTH - 3));
    }

    @Override
    public TokenBatch read(long step, int firstRow, int numRows) {
      int length = LENGTH;
      if (toLongest) {
        length = 0;
        for (int row = firstRow; row < firstRow + numRows; row++) {
          length = Math.max(length, tokens(step, row));
        }
      }
      TokenBatch full = TestingRun.rows(step, firstRow, numRows);
      int[] ids = new int[numRows * length];
      int[] labels = new int[ids.length];
      BitSet starts = new BitSet();
      Arrays.fill(labels, TokenBatch.IGNORE);
      for (int row = 0; row < numRows; row++) {
        int tokens = tokens(step, firstRow + row);
        System.arraycopy(full.inputIds(), row * LENGTH, ids, row * length, tokens);
        System.arraycopy(full.inputIds(), row * LENGTH, labels, row * length, tokens);
        starts.set(row * length);
        if (tokens < length) {
          starts.set(row * length + tokens);
        }
      }
      return new TokenBatch(numRows, length, ids, labels).withDocumentStarts(starts);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1f1b, false",
    "2, 1, 1f1b, true",
    "2, 2, 1f1b, false",
    "2, 1, interleaved1f1b, false",
    "4, 1, gpipe, true"
  })
  void lossesAreThoseOfFullRows(int ppSize, int dpSize, String schedule, boolean documentMask) {
    TrainingConfig config = new TestingRun(ppSize, dpSize, schedule, 2).config(false);
    TrainingConfig run = documentMask ? masked(config) : config;
    List<Double> expected =
        TestingRun.losses(new TestingRun(1, 1, "1f1b", 2).config(false), new Padded(false));
    List<Double> losses = TestingRun.losses(run, new Padded(true));
    assertThat(losses).hasSameSizeAs(expected);
    for (int step = 0; step < losses.size(); step++) {
      assertThat(losses.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
  }

  private static TrainingConfig masked(TrainingConfig config) {
    return config.withCompute(ComputeConfig.DEFAULT.withDocumentMask(true));
  }

  @Test
  void tokensAreThoseThatWereRead() {
    TrainingConfig config = new TestingRun(2, 2, "1f1b", 2).config(false);
    Padded rows = new Padded(true);
    List<Long> tokens =
        TestingRun.train(config, rows, null).stream()
            .flatMap(result -> result.steps().stream())
            .map(StepReport::tokens)
            .toList();
    assertThat(tokens).hasSize(TestingRun.STEPS);
    int half = TestingRun.ROWS / 2;
    for (int step = 0; step < tokens.size(); step++) {
      long expected =
          (long) half
              * (rows.read(step, 0, half).seqLength() + rows.read(step, half, half).seqLength());
      assertThat(tokens.get(step)).isEqualTo(expected);
    }
  }
}
