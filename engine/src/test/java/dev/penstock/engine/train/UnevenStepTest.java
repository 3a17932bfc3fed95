package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The last step over rows that end is that of a smaller batch. */
class UnevenStepTest {
  private static final int BATCH = TestingRun.ROWS;
  private static final int LENGTH = TestingRun.LENGTH;

  /** Rounding only: float32 sums in another order. */
  private static final double ROUNDING = 1e-5;

  /**
   * Rows that end, each with a weight and with several documents.
   *
   * @param first the first of them
   * @param end behind the last of them
   * @param batch rows of a step
   */
  private record Rows(int first, int end, int batch) implements TestingRun.Rows {
    @Override
    public TokenBatch read(long step, int firstRow, int numRows) {
      int begin = first + (int) step * batch + firstRow;
      int rows = Math.max(0, Math.min(numRows, end - begin));
      int[] ids = new int[rows * LENGTH];
      int[] labels = new int[ids.length];
      float[] weights = new float[rows];
      BitSet starts = new BitSet();
      for (int i = 0; i < ids.length; i++) {
        int row = begin + i / LENGTH;
        int at = i % LENGTH;
        ids[i] = (row * 31 + at * (row % 7 + 3)) % 97;
        labels[i] = at < row % 5 ? TokenBatch.IGNORE : ids[i];
        weights[i / LENGTH] = 0.5f + row % 3;
        starts.set(i, at == 0 || at == row % 7 + 3);
      }
      return new TokenBatch(rows, LENGTH, ids, labels)
          .withRowWeights(weights)
          .withDocumentStarts(starts);
    }

    @Override
    public boolean weighted() {
      return true;
    }

    @Override
    public long numRows() {
      return StepSchedule.UNTIL_THEY_END;
    }

    @Override
    public boolean endsWith(long step) {
      return first + (step + 1) * batch >= end;
    }
  }

  /** The optimizer remembers nothing, so that two runs can do what one does. */
  private static TrainingConfig config(
      ParallelConfig parallel, BatchConfig batch, String schedule, boolean documentMask) {
    return new TrainingConfig(
            TestingRun.MODEL.formatted(true),
            parallel,
            batch,
            ScheduleConfig.named(schedule),
            OptimizerConfig.adamW(0.1).withKind(OptimizerKind.SGD, 0),
            LrScheduleConfig.constant(),
            1,
            7)
        .withSteps(StepConfig.ofEpochs(1))
        .withCompute(ComputeConfig.DEFAULT.withDocumentMask(documentMask));
  }

  private static TrainingConfig alone(int rows, boolean documentMask) {
    return config(
        new ParallelConfig(1, 1), new BatchConfig(rows, rows, LENGTH), "gpipe", documentMask);
  }

  /**
   * Of eight rows a step, so many are left for the last; where there are few, replicas have none.
   */
  @ParameterizedTest
  @CsvSource({
    "5, 1, 1, 8, 8, gpipe, false",
    "5, 2, 1, 8, 2, 1f1b, true",
    "3, 2, 1, 4, 2, 1f1b, false",
    "5, 2, 1, 8, 1, zbvzerobubble, false",
    "7, 1, 2, 4, 2, 1f1b, false",
    "5, 1, 2, 2, 1, gpipe, true",
    "3, 1, 2, 4, 4, gpipe, false",
    "1, 2, 2, 2, 1, 1f1b, true",
    "1, 2, 4, 2, 1, 1f1b, false"
  })
  void lastStepIsThatOfTheRowsThatAreLeft(
      int left,
      int ppSize,
      int dpSize,
      int localBatchSize,
      int microbatchSize,
      String schedule,
      boolean documentMask,
      @TempDir Path folder)
      throws Exception {
    int end = BATCH + left;
    LocalFolder trained = new LocalFolder(folder.resolve("trained"));
    List<RankResult> results =
        TestingRun.train(
            config(
                new ParallelConfig(ppSize, dpSize),
                new BatchConfig(BATCH, localBatchSize, microbatchSize, LENGTH),
                schedule,
                documentMask),
            new Rows(0, end, BATCH),
            trained);

    LocalFolder first = new LocalFolder(folder.resolve("first"));
    TestingRun.train(alone(BATCH, documentMask), new Rows(0, BATCH, BATCH), first);
    LocalFolder second = new LocalFolder(folder.resolve("second"));
    List<RankResult> expected =
        TestingRun.train(
            alone(left, documentMask), new Rows(BATCH, end, left), ModelFiles.of(first), second);

    List<StepReport> steps = steps(results);
    assertThat(steps).hasSize(2);
    StepReport last = steps.get(1);
    StepReport smaller = steps(expected).get(0);
    assertThat(last.loss()).isCloseTo(smaller.loss(), within(ROUNDING));
    assertThat(last.gradNorm()).isCloseTo(smaller.gradNorm(), within(ROUNDING));
    assertThat(last.countedTokens()).isEqualTo(smaller.countedTokens());
    assertThat(last.tokens()).isEqualTo(smaller.tokens()).isEqualTo((long) left * LENGTH);
    Map<String, float[]> weights = weights(trained, results);
    Map<String, float[]> others = weights(second, expected);
    assertThat(weights.keySet()).isEqualTo(others.keySet());
    weights.forEach(
        (name, values) ->
            assertThat(values)
                .as(name)
                .containsExactly(others.get(name), within((float) ROUNDING)));
  }

  private static List<StepReport> steps(List<RankResult> ranks) {
    return ranks.stream().flatMap(rank -> rank.steps().stream()).toList();
  }

  private static Map<String, float[]> weights(LocalFolder folder, List<RankResult> ranks)
      throws IOException {
    Map<String, float[]> all = new TreeMap<>();
    for (RankResult rank : ranks) {
      for (SavedShard shard : rank.saved()) {
        try (ModelWeights weights = ModelWeights.ofFile(folder, shard.file())) {
          for (String name : weights.names()) {
            ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.toIntExact(shard.tensors().get(name)))
                    .order(ByteOrder.LITTLE_ENDIAN);
            weights.read(name, bytes);
            float[] values = new float[bytes.flip().remaining() / Float.BYTES];
            bytes.asFloatBuffer().get(values);
            all.put(name, values);
          }
        }
      }
    }
    return all;
  }
}
