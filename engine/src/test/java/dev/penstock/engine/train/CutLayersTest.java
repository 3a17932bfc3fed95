package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stages that begin and end within a layer train as whole ones do. */
class CutLayersTest {
  /** Rounding only: float32 sums in another order. */
  private static final double ROUNDING = 2e-5;

  private static final int VOCABULARY = 96;

  private static final ScheduleConfig WHOLE = ScheduleConfig.named("gpipe");

  private static final ScheduleConfig CUT =
      new ScheduleConfig(
          "zbvzerobubble",
          null,
          null,
          null,
          "cost",
          List.of(
              List.of("model.embed_tokens", "model.layers.0.self_attn"),
              List.of("model.layers.0.mlp", "model.layers.1"),
              List.of("model.layers.2.self_attn"),
              List.of(
                  "model.layers.2.mlp",
                  "model.layers.3.mlp",
                  "model.layers.3.self_attn",
                  "model.norm",
                  "lm_head")));

  private static TrainingConfig config(String folder, int ppSize, ScheduleConfig schedule) {
    try {
      return new TrainingConfig(
          Files.readString(Path.of("src/test/resources/hf", folder, "config.json")),
          new ParallelConfig(ppSize, 1),
          new BatchConfig(TestingRun.ROWS, 2, TestingRun.LENGTH),
          schedule,
          OptimizerConfig.adamW(1e-2),
          LrScheduleConfig.constant(),
          TestingRun.STEPS,
          7);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TokenBatch rows(long step, int firstRow, int numRows) {
    TokenBatch rows = TestingRun.rows(step, firstRow, numRows);
    int[] ids = rows.inputIds().clone();
    int[] labels = rows.labels().clone();
    for (int i = 0; i < ids.length; i++) {
      ids[i] %= VOCABULARY;
      labels[i] = labels[i] == TokenBatch.IGNORE ? labels[i] : ids[i];
    }
    return new TokenBatch(numRows, TestingRun.LENGTH, ids, labels);
  }

  private static void assertSame(TrainingConfig cut, TrainingConfig whole) {
    List<Double> expected = TestingRun.losses(whole, CutLayersTest::rows);
    List<Double> actual = TestingRun.losses(cut, CutLayersTest::rows);
    assertThat(actual).hasSameSizeAs(expected);
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
    assertThat(actual.get(TestingRun.STEPS - 1)).isLessThan(actual.get(0) - 0.005);
  }

  /** Norms before, behind and around each half; experts; biases; one weight for both ends. */
  @ParameterizedTest
  @ValueSource(
      strings = {"llama3-rope-tied", "olmo2", "gemma2-softcap", "mixtral", "qwen2", "granite"})
  void everyKindOfLayer(String folder) {
    assertSame(config(folder, 2, CUT), config(folder, 1, WHOLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "full"})
  void halvesThatRunAgain(String recompute) {
    ComputeConfig compute = ComputeConfig.DEFAULT.withRecompute(Recompute.parse(recompute));
    assertSame(config("llama", 2, CUT).withCompute(compute), config("llama", 1, WHOLE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"all-linear", "o_proj", "down_proj"})
  void adaptersInHalves(String modules) {
    LoraConfig lora = LoraConfig.of(modules);
    assertSame(config("llama", 2, CUT).withLora(lora), config("llama", 1, WHOLE).withLora(lora));
  }
}
