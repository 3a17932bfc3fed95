package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Documents packed into rows give the curve of the same documents in rows of their own. */
class DocumentMaskTest {
  private static final double ROUNDING = 1e-5;
  private static final ComputeConfig MASKED = ComputeConfig.DEFAULT.withDocumentMask(true);

  /** Lengths of the documents of each row of 16 tokens. */
  private static final List<List<Integer>> PACKED =
      List.of(List.of(5, 11), List.of(16), List.of(3, 1, 12), List.of(8, 8));

  private static final String LLAMA = TestingRun.MODEL.formatted(false);
  private static final String SLIDING = with("\"model_type\": \"mistral\", \"sliding_window\": 4");
  private static final String SOFTCAPPED =
      with(
          "\"model_type\": \"gemma2\", \"head_dim\": 8, \"query_pre_attn_scalar\": 8,"
              + " \"attn_logit_softcapping\": 20.0, \"final_logit_softcapping\": 10.0,"
              + " \"sliding_window\": 4");

  private static String with(String keys) {
    return LLAMA.replace("\"model_type\": \"llama\"", keys);
  }

  private static TrainingConfig config(
      String model, ParallelConfig parallel, String schedule, BatchConfig batch) {
    return new TrainingConfig(
        model,
        parallel,
        batch,
        ScheduleConfig.named(schedule),
        OptimizerConfig.adamW(1e-2),
        new LrScheduleConfig("cosine", 2, TestingRun.STEPS, 0, 0, 0),
        TestingRun.STEPS,
        7);
  }

  private static int token(int document, int position) {
    return (document * 31 + position * (document + 3)) % 97;
  }

  /** Rows of one document and padding. */
  private static TestingRun.Rows alone(List<Integer> lengths, int rowLength) {
    return (step, firstRow, numRows) -> {
      int[] ids = new int[numRows * rowLength];
      int[] labels = new int[ids.length];
      Arrays.fill(labels, TokenBatch.IGNORE);
      for (int row = 0; row < numRows; row++) {
        for (int i = 0; i < lengths.get(firstRow + row); i++) {
          ids[row * rowLength + i] = token(firstRow + row, i);
          labels[row * rowLength + i] = token(firstRow + row, i);
        }
      }
      return new TokenBatch(numRows, rowLength, ids, labels);
    };
  }

  /** The same documents, one behind the other. */
  private static TestingRun.Rows packed(List<List<Integer>> lengths, int rowLength) {
    return (step, firstRow, numRows) -> {
      int[] ids = new int[numRows * rowLength];
      BitSet starts = new BitSet();
      int document = lengths.subList(0, firstRow).stream().mapToInt(List::size).sum();
      int at = 0;
      for (List<Integer> row : lengths.subList(firstRow, firstRow + numRows)) {
        for (int length : row) {
          starts.set(at);
          for (int i = 0; i < length; i++) {
            ids[at++] = token(document, i);
          }
          document++;
        }
      }
      return new TokenBatch(numRows, rowLength, ids, ids).withDocumentStarts(starts);
    };
  }

  private static List<Double> lossesAlone(String model) {
    List<Integer> lengths = PACKED.stream().flatMap(List::stream).toList();
    BatchConfig batch = new BatchConfig(lengths.size(), lengths.size(), TestingRun.LENGTH);
    return TestingRun.losses(
        config(model, new ParallelConfig(1, 1), "1f1b", batch), alone(lengths, TestingRun.LENGTH));
  }

  private static TrainingConfig packedConfig(
      String model, ParallelConfig parallel, String schedule, int microbatchSize) {
    return config(model, parallel, schedule, new BatchConfig(4, microbatchSize, TestingRun.LENGTH));
  }

  private static void assertSameCurve(List<Double> actual, List<Double> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1f1b, 4",
    "1, 1, 1f1b, 1",
    "2, 1, 1f1b, 2",
    "2, 1, interleaved1f1b, 1",
    "2, 1, zbvzerobubble, 1",
    "4, 1, 1f1b, 1",
    "2, 2, 1f1b, 1"
  })
  void documentsDoNotSeeEachOther(int ppSize, int dpSize, String schedule, int microbatchSize) {
    TrainingConfig config =
        packedConfig(LLAMA, new ParallelConfig(ppSize, dpSize), schedule, microbatchSize);
    TestingRun.Rows rows = packed(PACKED, TestingRun.LENGTH);
    List<Double> masked = TestingRun.losses(config.withCompute(MASKED), rows);
    assertSameCurve(masked, lossesAlone(LLAMA));
    assertThat(masked).isNotEqualTo(TestingRun.losses(config, rows));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sliding", "softcapped"})
  void windowsAndCapsHoldWithinADocument(String kind) {
    String model = kind.equals("sliding") ? SLIDING : SOFTCAPPED;
    TrainingConfig config = packedConfig(model, new ParallelConfig(2, 1), "1f1b", 2);
    assertSameCurve(
        TestingRun.losses(config.withCompute(MASKED), packed(PACKED, TestingRun.LENGTH)),
        lossesAlone(model));
  }

  @Test
  void frequenciesAreThoseOfTheDocumentsLength() {
    String model =
        with(
            "\"model_type\": \"llama\", \"rope_theta\": 100.0,"
                + " \"rope_scaling\": {\"rope_type\": \"dynamic\", \"factor\": 4.0}");
    String shortPretraining =
        model.replace("\"max_position_embeddings\": 64", "\"max_position_embeddings\": 10");
    List<Integer> lengths = List.of(8, 8, 8, 8, 8, 8, 8, 8);
    BatchConfig rowsOfEight = new BatchConfig(8, 8, 8);
    ParallelConfig single = new ParallelConfig(1, 1);
    List<List<Integer>> two = new ArrayList<>();
    for (int row = 0; row < 4; row++) {
      two.add(List.of(8, 8));
    }
    assertSameCurve(
        TestingRun.losses(
            packedConfig(shortPretraining, single, "1f1b", 4).withCompute(MASKED),
            packed(two, TestingRun.LENGTH)),
        TestingRun.losses(
            config(shortPretraining, single, "1f1b", rowsOfEight), alone(lengths, 8)));
  }

  @Test
  void recomputationChangesNoBit() {
    TrainingConfig config = packedConfig(SOFTCAPPED, new ParallelConfig(2, 1), "zbvzerobubble", 1);
    TestingRun.Rows rows = packed(PACKED, TestingRun.LENGTH);
    assertThat(TestingRun.losses(config.withCompute(MASKED.withRecompute(Recompute.FULL)), rows))
        .isEqualTo(TestingRun.losses(config.withCompute(MASKED), rows));
  }

  @Test
  void rowsOfOneDocumentTakeTheUsualPath() {
    TrainingConfig config = packedConfig(LLAMA, new ParallelConfig(2, 1), "1f1b", 1);
    TestingRun.Rows rows =
        packed(List.of(List.of(16), List.of(16), List.of(16), List.of(16)), TestingRun.LENGTH);
    assertThat(TestingRun.losses(config.withCompute(MASKED), rows))
        .isEqualTo(TestingRun.losses(config, rows));
  }

  @Test
  void sourceMustSayWhereDocumentsBegin() {
    TrainingConfig config = packedConfig(LLAMA, new ParallelConfig(1, 1), "1f1b", 1);
    assertThatThrownBy(() -> TestingRun.losses(config.withCompute(MASKED)))
        .hasMessageContaining("documentMask needs rows that say where documents begin");
  }
}
