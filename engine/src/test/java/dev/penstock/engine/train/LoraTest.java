package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.modelfiles.WeightCheck;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.engine.torch.Processor;
import dev.penstock.storage.LocalFolder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoraTest {
  /** Rounding only: float32 sums in another order. */
  private static final double ROUNDING = 1e-5;

  private static final LoraConfig LORA = LoraConfig.of("q_proj", "v_proj", "down_proj");
  private static final LoraConfig DROPPING =
      new LoraConfig(4, 8, 0.25, List.of(LoraConfig.ALL_LINEAR), List.of("k_proj"), false);

  private static TrainingConfig config(int ppSize, int dpSize, String schedule, LoraConfig lora) {
    return new TestingRun(ppSize, dpSize, schedule, 2).config(true).withLora(lora);
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 1f1b", "4, 1, 1f1b", "2, 1, zbvzerobubble", "2, 2, interleaved1f1b"})
  void layoutChangesNothingButRounding(int ppSize, int dpSize, String schedule) {
    List<Double> expected = TestingRun.losses(config(1, 1, "gpipe", LORA));
    List<Double> actual = TestingRun.losses(config(ppSize, dpSize, schedule, LORA));
    for (int step = 0; step < expected.size(); step++) {
      assertThat(actual.get(step)).isCloseTo(expected.get(step), within(ROUNDING));
    }
    assertThat(actual.get(4)).isLessThan(actual.get(0) - 0.01);
  }

  @ParameterizedTest
  @CsvSource({"1, 1f1b", "2, zbvzerobubble"})
  void dropoutRepeatsItselfAndRecomputesBitByBit(int ppSize, String schedule) {
    TrainingConfig config = config(ppSize, 1, schedule, DROPPING);
    List<Double> losses = TestingRun.losses(config);
    ComputeConfig recomputed = ComputeConfig.DEFAULT.withRecompute(Recompute.FULL);
    assertThat(TestingRun.losses(config)).isEqualTo(losses);
    assertThat(TestingRun.losses(config.withCompute(recomputed))).isEqualTo(losses);
    LoraConfig steady = DROPPING.withDropout(0);
    assertThat(TestingRun.losses(config.withLora(steady))).isNotEqualTo(losses);
  }

  @Test
  void adaptersTrainBesideHalfPrecisionWeights() {
    assumeTrue(Processor.ofThisMachine().multipliesBfloat16());
    ComputeConfig half = ComputeConfig.DEFAULT.withPrecision(Precision.BFLOAT16);
    List<Double> exact = TestingRun.losses(config(2, 1, "1f1b", LORA));
    List<Double> rounded = TestingRun.losses(config(2, 1, "1f1b", LORA).withCompute(half));
    for (int step = 0; step < exact.size(); step++) {
      assertThat(rounded.get(step)).isCloseTo(exact.get(step), within(0.02));
    }
  }

  @Test
  void adaptersOfAllRanksAreSavedAsOneFolder(@TempDir Path folder) throws Exception {
    LocalFolder store = new LocalFolder(folder);
    List<RankResult> results =
        TestingRun.train(config(2, 2, "1f1b", LORA), TestingRun::rows, store);
    assertThat(results).filteredOn(result -> !result.saved().isEmpty()).hasSize(1);
    assertThat(store.list()).containsExactly(AdapterFolder.WEIGHTS);
    try (ModelWeights weights = ModelWeights.ofFile(store, AdapterFolder.WEIGHTS)) {
      assertThat(weights.names()).hasSize(4 * 3 * 2);
      TensorEntry entry =
          weights.entry("base_model.model.model.layers.3.self_attn.v_proj.lora_B.weight");
      assertThat(entry.shape()).containsExactly(16L, 8L);
      assertThat(entry.dtype()).isEqualTo(DType.F32);
    }
  }

  @Test
  void adaptersOfOtherProcessesAreGatheredToo(@TempDir Path folder) throws Exception {
    TrainingConfig config = config(2, 1, "1f1b", LORA);
    TestingRun.train(config, TestingRun::rows, new LocalFolder(folder.resolve("one")));
    TestingRun.trainOverTcp(config, new LocalFolder(folder.resolve("two")));
    assertThat(folder.resolve("two").resolve(AdapterFolder.WEIGHTS))
        .hasSameBinaryContentAs(folder.resolve("one").resolve(AdapterFolder.WEIGHTS));
  }

  @Test
  void mergedModelIsAModelWithoutAdapters(@TempDir Path folder) throws Exception {
    LocalFolder store = new LocalFolder(folder);
    LoraConfig merged = new LoraConfig(8, 32, 0, LORA.targetModules().texts(), List.of(), true);
    TestingRun.train(config(1, 1, "gpipe", merged), TestingRun::rows, store);
    WeightCheck.check(ModelFamilies.parse(TestingRun.MODEL.formatted(true)), store);
    assertThat(store.list()).containsExactly(ModelWeights.SINGLE_FILE);
  }

  @Test
  void trainingGoesOnFromAdapters(@TempDir Path folder) {
    LocalFolder base = new LocalFolder(folder.resolve("base"));
    new TestingRun(1, 1, "gpipe", 2).train(true, TestingRun::rows, base);
    LocalFolder adapters = new LocalFolder(folder.resolve("adapters"));
    TrainingConfig half = plainGradientDescent(3).withLora(LORA);
    ModelFiles fresh = ModelFiles.of(base);
    TestingRun.train(half, TestingRun::rows, fresh, adapters);

    List<Double> onceMore = losses(half, new ModelFiles(base, adapters));

    List<Double> atOnce = losses(plainGradientDescent(6).withLora(LORA), fresh);
    for (int step = 0; step < onceMore.size(); step++) {
      assertThat(onceMore.get(step)).isCloseTo(atOnce.get(3 + step), within(ROUNDING));
    }
    assertThat(atOnce.get(3)).isLessThan(atOnce.get(0) - 10 * ROUNDING);
    assertThatThrownBy(() -> losses(plainGradientDescent(1), new ModelFiles(base, adapters)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("needs a LoraConfig");
  }

  /** The optimizer remembers nothing, so that two runs can do what one does. */
  private static TrainingConfig plainGradientDescent(int steps) {
    TrainingConfig config = new TestingRun(2, 1, "1f1b", 2).config(true);
    return new TrainingConfig(
        config.modelConfigJson(),
        config.parallel(),
        config.batch(),
        config.schedule(),
        OptimizerConfig.adamW(0.02).withKind(OptimizerKind.SGD, 0),
        LrScheduleConfig.constant(),
        steps,
        config.seed());
  }

  private static List<Double> losses(TrainingConfig config, ModelFiles weights) {
    return TestingRun.train(config, TestingRun::rows, weights, null).stream()
        .flatMap(result -> result.steps().stream())
        .map(StepReport::loss)
        .toList();
  }
}
