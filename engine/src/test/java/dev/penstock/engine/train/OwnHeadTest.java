package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.inference.CausalLM;
import dev.penstock.engine.modelfiles.CheckedModel;
import dev.penstock.engine.modelfiles.ModelFiles;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsIndex;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose config ties head and embedding, but whose files do not, goes in and comes out. */
class OwnHeadTest {
  private static final Path MODEL = Path.of("src/test/resources/wild/tied-own-head");
  private static final double TOO_SMALL_TO_CHANGE_A_WEIGHT = 1e-30;
  private static final int[][] ROWS = {{5, 7, 11, 13, 17}};

  @TempDir Path folder;

  private static float[] logits(LocalFolder model) throws IOException {
    try (CausalLM lm = CausalLM.load(model, "cpu")) {
      return lm.logits(ROWS);
    }
  }

  private static TokenBatch rows(long step, int firstRow, int numRows) {
    int[] ids = new int[numRows * TestingRun.LENGTH];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = 3 + (firstRow * 5 + i * 7) % 90;
    }
    return new TokenBatch(numRows, TestingRun.LENGTH, ids, ids);
  }

  @Test
  void bothAreTrainedAndSavedUnderTheConfigAsItWas() throws IOException {
    CheckedModel model = ModelFiles.of(new LocalFolder(MODEL)).checkModel();
    assertThat(model.givenConfig()).contains("\"tie_word_embeddings\": true");
    assertThat(model.spec().tiedEmbeddings()).isFalse();
    TrainingConfig config =
        new TrainingConfig(
            model.config(),
            new ParallelConfig(2, 1),
            new BatchConfig(TestingRun.ROWS, 2, TestingRun.LENGTH),
            ScheduleConfig.named("1f1b"),
            new OptimizerConfig(TOO_SMALL_TO_CHANGE_A_WEIGHT, 0.9, 0.95, 1e-8, 0.1, 1.0),
            LrScheduleConfig.constant(),
            1,
            0);
    LocalFolder saved = new LocalFolder(folder);
    Map<String, String> files = new TreeMap<>();
    TestingRun.train(config, OwnHeadTest::rows, ModelFiles.of(new LocalFolder(MODEL)), saved)
        .forEach(
            rank ->
                rank.saved()
                    .forEach(
                        shard ->
                            shard.tensors().keySet().forEach(t -> files.put(t, shard.file()))));
    saved.write(SafetensorsIndex.FILE_NAME, new SafetensorsIndex(0, files).toBytes());
    saved.write("config.json", model.givenConfig().getBytes(StandardCharsets.UTF_8));

    try (ModelWeights weights = ModelWeights.open(saved)) {
      assertThat(weights.names()).contains("lm_head.weight", "model.embed_tokens.weight");
    }
    assertThat(logits(saved)).isEqualTo(logits(new LocalFolder(MODEL)));
  }
}
