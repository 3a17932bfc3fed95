package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Model folders as they are found, through a fit and a transform. */
@Timeout(300)
class StrangeModelsTest {
  private static final Path MODELS = Path.of("src/test/resources/wild");
  private static final String VERSE = "In the beginning God created the heaven and the earth.";
  private static final double ROUNDING = 1e-5;

  @TempDir Path folder;

  private CausalLMTrainer trainer(Path model) {
    return new CausalLMTrainer()
        .setModelPath(model.toString())
        .setSeqLength(16)
        .setPpSize(2)
        .setGlobalBatchSize(2)
        .setMaxSteps(1)
        .setLearningRate(1e-9)
        .setOutputPath(folder.resolve("out").toString());
  }

  /** What transformers computes with the folder. */
  @ParameterizedTest
  @CsvSource({
    "prefixless, 6.223042964935303",
    "infinity-in-config, 5.918203830718994",
    "null-total-size, 5.918203830718994"
  })
  void textIsScoredAsByTransformers(String model, double nll) {
    double scored =
        CausalLMModel.ofFolder(MODELS.resolve(model).toString())
            .setSeqLength(64)
            .transform(TestSpark.texts(VERSE))
            .select("nll")
            .first()
            .getDouble(0);
    assertThat(scored).isCloseTo(nll, within(ROUNDING));
  }

  @Test
  void weightThatFloat16CannotHoldIsNamedAndNothingIsSaved() {
    CausalLMTrainer trainer = trainer(MODELS.resolve("beyond-float16")).setSaveDtype("float16");
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .hasMessageContaining("model.norm.weight (2)")
        .hasMessageContaining("Set saveDtype to bfloat16 or float32");
    assertThat(folder.resolve("out/config.json")).doesNotExist();
    assertThat(folder.resolve("out/model.safetensors")).doesNotExist();
  }

  @Test
  void headOfItsOwnIsSavedUnderTheConfigAsItWas() throws IOException {
    Path model = folder.resolve("tied");
    tie(MODELS.resolve("beyond-float16"), model);
    CausalLMModel trained = trainer(model).fit(TestModels.verses());
    assertThat(trained.summary().warnings())
        .singleElement(STRING)
        .contains("lm_head.weight differs from model.embed_tokens.weight");
    Path out = folder.resolve("out");
    assertThat(Files.readString(out.resolve("config.json")))
        .containsPattern("\"tie_word_embeddings\" ?: true");
    try (ModelWeights weights = ModelWeights.open(new LocalFolder(out))) {
      assertThat(weights.names()).contains("lm_head.weight", "model.embed_tokens.weight");
    }
  }

  /** A copy whose config says that the head is tied. */
  private static void tie(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    Path config = to.resolve("config.json");
    Files.writeString(
        config,
        Files.readString(config)
            .replace("\"tie_word_embeddings\": false", "\"tie_word_embeddings\": true"));
  }
}
