package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecoderDropoutTest {
  private static final double ROUNDING = 2e-5;

  /** So seldom that no element of these small runs is dropped. */
  private static final double NEVER = 1e-12;

  private static final String PLAIN = "\"attention_dropout\": 0.0";
  private static final String ALL =
      "\"attention_dropout\": 0.1, \"resid_pdrop\": 0.2, \"embd_pdrop\": 0.1";

  private static TrainingConfig config(int ppSize, String schedule, String keys) {
    return config(ppSize, schedule, "phi3", keys);
  }

  private static TrainingConfig config(int ppSize, String schedule, String type, String keys) {
    String json =
        """
        {"model_type": "%s", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 4,
         "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
         "max_position_embeddings": 64, "original_max_position_embeddings": 64,
         "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, %s}
        """;
    return new TrainingConfig(
        json.formatted(type, keys),
        new ParallelConfig(ppSize, 1),
        new BatchConfig(TestingRun.ROWS, 2, TestingRun.LENGTH),
        ScheduleConfig.named(schedule),
        OptimizerConfig.adamW(1e-2),
        LrScheduleConfig.constant(),
        TestingRun.STEPS,
        7);
  }

  private static TokenBatch rowsOfDocuments(long step, int firstRow, int numRows) {
    BitSet starts = new BitSet();
    for (int row = 0; row < numRows; row++) {
      starts.set(row * TestingRun.LENGTH);
      starts.set(row * TestingRun.LENGTH + 3 + firstRow + row);
    }
    return TestingRun.rows(step, firstRow, numRows).withDocumentStarts(starts);
  }

  private static void assertClose(List<Double> actual, List<Double> expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, gpipe", "2, 1f1b", "4, 1f1b", "2, interleaved1f1b", "2, zbvzerobubble"})
  void neitherScheduleNorSplitChangesWhatIsDropped(int ppSize, String schedule) {
    List<Double> losses = TestingRun.losses(config(1, "1f1b", ALL));
    assertClose(TestingRun.losses(config(ppSize, schedule, ALL)), losses);
    assertThat(losses.get(0)).isNotEqualTo(TestingRun.losses(config(1, "1f1b", PLAIN)).get(0));
  }

  @ParameterizedTest
  @CsvSource({"1, 1f1b", "2, zbvzerobubble"})
  void aRunRepeatsItselfAndRecomputesBitByBit(int ppSize, String schedule) {
    TrainingConfig config = config(ppSize, schedule, ALL);
    List<Double> losses = TestingRun.losses(config);
    ComputeConfig recomputed = ComputeConfig.DEFAULT.withRecompute(Recompute.FULL);
    assertThat(TestingRun.losses(config)).isEqualTo(losses);
    assertThat(TestingRun.losses(config.withCompute(recomputed))).isEqualTo(losses);
  }

  @ParameterizedTest
  @ValueSource(strings = {"attention_dropout", "resid_pdrop", "embd_pdrop"})
  void everyPlaceDrops(String key) {
    List<Double> plain = TestingRun.losses(config(1, "1f1b", PLAIN));
    List<Double> dropped = TestingRun.losses(config(1, "1f1b", "\"%s\": 0.3".formatted(key)));
    assertThat(dropped.get(0)).isNotCloseTo(plain.get(0), within(1e-4));
  }

  @Test
  void theOverrideTakesThePlaceOfAllThatTheConfigNames() {
    List<Double> plain = TestingRun.losses(config(1, "1f1b", PLAIN));
    ComputeConfig off = ComputeConfig.DEFAULT.withDropout(0);
    assertThat(TestingRun.losses(config(1, "1f1b", ALL).withCompute(off))).isEqualTo(plain);
    ComputeConfig on = ComputeConfig.DEFAULT.withDropout(0.1);
    String same = "\"attention_dropout\": 0.1, \"resid_pdrop\": 0.1, \"embd_pdrop\": 0.1";
    assertThat(TestingRun.losses(config(1, "1f1b", PLAIN).withCompute(on)))
        .isEqualTo(TestingRun.losses(config(1, "1f1b", same)));
  }

  @ParameterizedTest
  @CsvSource({
    "llama, false, ''",
    "llama, true, ''",
    "qwen3, false, ''",
    "mistral, false, ', \"sliding_window\": 5'",
    "gemma2, false, ', \"sliding_window\": 5'",
    "gemma2, true, ''"
  })
  void attentionThatDropsNothingIsAttention(String type, boolean documents, String keys) {
    ComputeConfig compute = ComputeConfig.DEFAULT.withDocumentMask(documents);
    TrainingConfig config = config(2, "1f1b", type, "\"head_dim\": 8" + keys);
    TestingRun.Rows rows = documents ? DecoderDropoutTest::rowsOfDocuments : TestingRun::rows;
    assertClose(
        TestingRun.losses(config.withCompute(compute.withDropout(NEVER)), rows),
        TestingRun.losses(config.withCompute(compute), rows));
  }
}
