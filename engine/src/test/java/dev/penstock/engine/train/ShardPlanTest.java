package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.TensorShape;
import dev.penstock.engine.plan.TrainingPlan;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardPlanTest {
  private static final int LIMIT = 20_000;

  private static Map<String, List<String>> files(TrainingPlan plan, int ppSize, SaveConfig config) {
    Map<String, List<String>> files = new TreeMap<>();
    for (int rank = 0; rank < ppSize; rank++) {
      files.putAll(new ShardPlan(plan, config).filesOf(rank));
    }
    return files;
  }

  @Test
  void digitsOfNamesAreNotThoseOfTheLocale() {
    TrainingPlan plan = TrainingPlan.of(new TestingRun(2, 1, "1f1b", 2).config(false));
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertThat(files(plan, 2, SaveConfig.DEFAULT))
          .containsOnlyKeys("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
      assertThat(files(plan, 2, SaveConfig.DEFAULT.withSuffix("-0a1b2c3d")))
          .containsKey("model-00002-of-00002-0a1b2c3d.safetensors");
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void sizesAreKnownBeforeAnyFileIs() {
    TrainingPlan plan = TrainingPlan.of(new TestingRun(2, 1, "1f1b", 2).config(false));
    SaveConfig config = new SaveConfig("bfloat16", LIMIT);
    Map<String, Long> sizes = SavedFiles.of(plan, config);
    assertThat(sizes.keySet()).isEqualTo(files(plan, 2, config).keySet());
    long numel = new DecoderTensors(plan.spec()).all().stream().mapToLong(TensorShape::numel).sum();
    assertThat(sizes.values().stream().mapToLong(Long::longValue).sum()).isEqualTo(2 * numel);
  }

  @ParameterizedTest
  @CsvSource({"1, gpipe", "2, 1f1b", "2, zbvzerobubble", "2, interleaved1f1b", "4, 1f1b"})
  void everyWeightIsSavedOnceInFilesOfTheSize(int ppSize, String schedule) {
    for (boolean tied : new boolean[] {false, true}) {
      TrainingPlan plan = TrainingPlan.of(new TestingRun(ppSize, 1, schedule, 2).config(tied));
      SaveConfig config = new SaveConfig("bfloat16", LIMIT);
      Map<String, List<String>> files = files(plan, ppSize, config);
      Map<String, Long> sizes = new TreeMap<>();
      for (TensorShape tensor : new DecoderTensors(plan.spec()).all()) {
        sizes.put(tensor.name(), tensor.numel() * 2);
      }
      assertThat(files.values().stream().flatMap(List::stream))
          .containsExactlyInAnyOrderElementsOf(sizes.keySet());
      files
          .values()
          .forEach(
              names ->
                  assertThat(names.stream().mapToLong(sizes::get).sum())
                      .isLessThanOrEqualTo(LIMIT));
      assertThat(files).hasSizeGreaterThan(3);
      assertThat(files.keySet())
          .first()
          .isEqualTo(String.format(Locale.ROOT, "model-00001-of-%05d.safetensors", files.size()));
    }
  }

  @ParameterizedTest
  @CsvSource({"1, gpipe, model.safetensors", "2, 1f1b, model-00001-of-00002.safetensors"})
  void oneFileIsNamedAsTransformersNamesIt(int ppSize, String schedule, String first) {
    TrainingPlan plan = TrainingPlan.of(new TestingRun(ppSize, 1, schedule, 2).config(true));
    assertThat(files(plan, ppSize, SaveConfig.DEFAULT).keySet()).first().isEqualTo(first);
  }
}
