package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.torch.Processor;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecisionTest {
  /** Of a loss of 4.6: bfloat16 has 8 bits. */
  private static final double BFLOAT16_TOLERANCE = 0.02;

  private static final ComputeConfig BFLOAT16 =
      ComputeConfig.DEFAULT.withPrecision(Precision.BFLOAT16);

  /** Capped scores and logits, windows, norms of queries and keys, experts. */
  private static final String ODD =
      """
      {"model_type": "%s", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48, "head_dim": 8,
       "max_position_embeddings": 64, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2,
       "tie_word_embeddings": true, "attention_dropout": 0.1, %s}
      """;

  private static final String GEMMA2 =
      ODD.formatted(
          "gemma2",
          """
          "query_pre_attn_scalar": 8, "sliding_window": 7, "attn_logit_softcapping": 0.5,
          "final_logit_softcapping": 1.5, "rms_norm_eps": 1e-6
          """);

  private static final String QWEN3_MOE =
      ODD.formatted(
          "qwen3_moe",
          """
          "num_experts": 6, "num_experts_per_tok": 3, "moe_intermediate_size": 16,
          "norm_topk_prob": true, "mlp_only_layers": [1], "rms_norm_eps": 1e-6
          """);

  private static TrainingConfig config(int ppSize, int dpSize, String schedule) {
    return new TestingRun(ppSize, dpSize, schedule, 2)
        .config(true)
        .withSteps(StepConfig.ofMaxSteps(3));
  }

  private static void assumeProducts(boolean there) {
    assumeTrue(Processor.ofThisMachine().multipliesBfloat16() == there);
  }

  /** Rows in which two documents lie. */
  private static TokenBatch rows(long step, int firstRow, int numRows) {
    BitSet starts = new BitSet();
    for (int row = 0; row < numRows; row++) {
      starts.set(row * TestingRun.LENGTH);
      starts.set(row * TestingRun.LENGTH + 3 + firstRow + row);
    }
    return TestingRun.rows(step, firstRow, numRows).withDocumentStarts(starts);
  }

  private static void assertFollows(TrainingConfig exact, TrainingConfig rounded) {
    List<Double> expected = TestingRun.losses(exact, PrecisionTest::rows);
    List<Double> actual = TestingRun.losses(rounded, PrecisionTest::rows);
    assertThat(actual).doesNotContain(Double.NaN).isNotEqualTo(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(BFLOAT16_TOLERANCE));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1, gpipe", "2, 1, 1f1b", "2, 1, zbvzerobubble", "1, 2, 1f1b"})
  void bfloat16FollowsFloat32(int ppSize, int dpSize, String schedule) {
    assumeProducts(true);
    assertFollows(config(1, 1, "gpipe"), config(ppSize, dpSize, schedule).withCompute(BFLOAT16));
  }

  @Test
  void replicasThatShareTheStateOutStayAlike() {
    assumeProducts(true);
    TrainingConfig whole = config(1, 2, "1f1b").withCompute(BFLOAT16);
    TrainingConfig shared =
        new TrainingConfig(
            whole.modelConfigJson(),
            whole.parallel(),
            whole.batch(),
            whole.schedule(),
            whole.optimizer().withShardState(true),
            whole.lrSchedule(),
            whole.steps(),
            whole.compute(),
            null,
            whole.seed());
    assertThat(TestingRun.losses(shared)).isEqualTo(TestingRun.losses(whole));
  }

  @ParameterizedTest
  @CsvSource({"gemma2, false", "gemma2, true", "qwen3_moe, false", "qwen3_moe, true"})
  void whatAttentionDoesBesideWorksToo(String family, boolean documentMask) {
    assumeProducts(true);
    TrainingConfig plain = config(2, 1, "zbvzerobubble");
    TrainingConfig exact =
        new TrainingConfig(
                family.equals("gemma2") ? GEMMA2 : QWEN3_MOE,
                plain.parallel(),
                plain.batch(),
                plain.schedule(),
                plain.optimizer(),
                plain.lrSchedule(),
                3,
                7)
            .withCompute(ComputeConfig.DEFAULT.withDocumentMask(documentMask));
    assertFollows(exact, exact.withCompute(exact.compute().withPrecision(Precision.BFLOAT16)));
  }

  @Test
  void aProcessorWithoutProductsIsRefused() {
    assumeProducts(false);
    assertThatThrownBy(() -> TestingRun.losses(config(1, 1, "gpipe").withCompute(BFLOAT16)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("precision is bfloat16, but on the host of a rank the processor");
  }

  @Test
  void bfloat16RepeatsItselfAndRecomputesBitByBit() {
    assumeProducts(true);
    TrainingConfig config = config(2, 1, "1f1b").withCompute(BFLOAT16);
    List<Double> losses = TestingRun.losses(config);
    assertThat(TestingRun.losses(config)).isEqualTo(losses);
    assertThat(TestingRun.losses(config.withCompute(BFLOAT16.withRecompute(Recompute.FULL))))
        .isEqualTo(losses);
  }

  @Test
  void namesAreThoseOfTorch() {
    assertThat(Precision.parse("torch.bfloat16")).isEqualTo(Precision.BFLOAT16);
    assertThat(Precision.parse("fp32")).isEqualTo(Precision.FLOAT32);
    assertThatThrownBy(() -> Precision.parse("float16"))
        .isInstanceOf(ConfigException.class)
        .hasMessage("Unknown precision 'float16'. Use float32 or bfloat16.");
  }
}
