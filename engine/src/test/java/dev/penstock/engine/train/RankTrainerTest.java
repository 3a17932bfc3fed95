package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.modelfiles.WeightCheck;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import dev.penstock.storage.LocalFolder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankTrainerTest {
  /** Rounding only: float32 sums in another order. */
  private static final double ROUNDING = 2e-6;

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1f1b, 2",
    "2, 1, 1f1b, 1",
    "2, 1, gpipe, 4",
    "4, 1, 1f1b, 2",
    "2, 1, interleaved1f1b, 2",
    "2, 1, zbvzerobubble, 1",
    "1, 2, 1f1b, 2",
    "2, 2, 1f1b, 2"
  })
  void layoutAndScheduleChangeNothingButRounding(
      int ppSize, int dpSize, String schedule, int microbatchSize) {
    for (boolean tied : new boolean[] {false, true}) {
      List<Double> reference = new TestingRun(1, 1, "gpipe", TestingRun.ROWS).losses(tied);
      List<Double> losses = new TestingRun(ppSize, dpSize, schedule, microbatchSize).losses(tied);
      assertThat(losses).hasSize(TestingRun.STEPS);
      for (int step = 0; step < TestingRun.STEPS; step++) {
        assertThat(losses.get(step)).isCloseTo(reference.get(step), within(ROUNDING * 5));
      }
      assertThat(losses.get(TestingRun.STEPS - 1)).isLessThan(losses.get(0) - 0.2);
    }
  }

  @Test
  void runOnOneLayoutRepeatsItselfBitByBit() {
    TestingRun run = new TestingRun(2, 1, "1f1b", 2);
    assertThat(run.losses(true)).isEqualTo(run.losses(true));
  }

  @Test
  void savedShardsMakeAWholeModel(@TempDir Path folder) throws Exception {
    LocalFolder store = new LocalFolder(folder);
    List<RankResult> results = new TestingRun(2, 1, "1f1b", 2).train(true, TestingRun::rows, store);
    Map<String, String> files = new TreeMap<>();
    long bytes = 0;
    for (RankResult result : results) {
      for (SavedShard shard : result.saved()) {
        shard.tensors().keySet().forEach(name -> files.put(name, shard.file()));
        bytes += shard.bytes();
      }
    }
    store.write(SafetensorsIndex.FILE_NAME, new SafetensorsIndex(bytes, files).toBytes());
    WeightCheck.check(ModelFamilies.parse(TestingRun.MODEL.formatted(true)), store);
    assertThat(store.list())
        .contains("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
  }

  @Test
  void ranksTellWhereTheirTimeWent() {
    AtomicLong reading = new AtomicLong();
    List<RankResult> results =
        new TestingRun(2, 1, "1f1b", 2)
            .train(
                false,
                (step, first, rows) -> {
                  long begin = System.nanoTime();
                  TokenBatch batch = TestingRun.rows(step, first, rows);
                  reading.addAndGet(System.nanoTime() - begin);
                  return batch;
                },
                null);

    assertThat(results)
        .allSatisfy(
            rank ->
                assertThat(rank.phaseSeconds().keySet())
                    .containsExactly("natives", "connect", "build", "weights", "steps", "save"));
    assertThat(results.get(0).dataSeconds()).hasSize(TestingRun.STEPS);
    assertThat(sum(results.get(0).dataSeconds())).isGreaterThanOrEqualTo(reading.get() / 1e9);
    RankResult reporting = results.get(1);
    assertThat(reporting.dataSeconds()).isEmpty();
    assertThat(sum(reporting.steps().stream().map(StepReport::seconds).toList()))
        .isLessThan(reporting.phaseSeconds().get("steps"));
  }

  private static double sum(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).sum();
  }

  @Test
  void failureOfOneRankNamesItselfOnAll() {
    TestingRun run = new TestingRun(2, 1, "1f1b", 2);
    assertThatThrownBy(
            () ->
                run.train(
                    false,
                    (step, first, rows) -> {
                      if (step == 2) {
                        throw new IllegalStateException("row 17 is broken");
                      }
                      return TestingRun.rows(step, first, rows);
                    },
                    null))
        .hasMessageContaining("row 17 is broken");
  }

  @Test
  void tokenOutsideTheVocabularyIsRefused() {
    TestingRun run = new TestingRun(1, 1, "1f1b", 2);
    assertThatThrownBy(
            () ->
                run.train(
                    false,
                    (step, first, rows) -> {
                      TokenBatch batch = TestingRun.rows(step, first, rows);
                      batch.inputIds()[3] = 97;
                      return batch;
                    },
                    null))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("Token id 97 is outside the model's vocabulary of 97");
  }
}
