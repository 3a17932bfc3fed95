package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.hub.TestHub;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.RecipeReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourceTest {
  private static final String ID = "org/name";

  @TempDir Path folder;

  private final TestHub hub =
      new TestHub()
          .put(ID, "config.json", "{\"model_type\": \"llama\", \"hidden_size\": 8}")
          .put(ID, "tokenizer.json", "{}")
          .put(ID, "model.safetensors", "weights");

  @AfterEach
  void close() {
    hub.close();
  }

  private Map<TrainerOption, Object> options(String yaml, ModelPart part) throws IOException {
    Configuration conf = new Configuration(false);
    conf.set("penstock.env.HF_ENDPOINT", hub.endpoint());
    conf.set("penstock.env.HF_HOME", folder.toString());
    conf.set("penstock.env.HF_HUB_OFFLINE", "0");
    Recipe recipe = RecipeReader.read(yaml, "test", List.of(), key -> null);
    recipe.check();
    Map<TrainerOption, Object> options = new EnumMap<>(TrainerOption.class);
    options.putAll(recipe.options());
    NamedModels models = new NamedModels(conf, null, true, line -> {});
    new ModelSource(recipe, models, part, options).apply();
    return options;
  }

  @Test
  void bareNameOfARecipeIsPinnedToItsCommit() throws IOException {
    String pinned = "hf://org/name@" + hub.commit(ID);
    assertThat(
            options(
                "model: {pretrained_model_name_or_path: org/name, cache_dir: /models}",
                ModelPart.MODEL))
        .containsEntry(TrainerOption.MODEL_PATH, pinned)
        .containsEntry(TrainerOption.TOKENIZER_PATH, pinned)
        .containsEntry(TrainerOption.MODEL_CACHE_PATH, "/models");
  }

  @Test
  void revisionIsThatOfTheSection() throws IOException {
    Map<TrainerOption, Object> options =
        options(
            """
            model: {pretrained_model_name_or_path: org/name, revision: v1}
            dataset: {tokenizer: {pretrained_model_name_or_path: "hf://org/name", revision: main}}
            """,
            ModelPart.MODEL);
    String pinned = "hf://org/name@" + hub.commit(ID);
    assertThat(options).containsEntry(TrainerOption.MODEL_PATH, pinned);
    assertThat(options).containsEntry(TrainerOption.TOKENIZER_PATH, pinned);
    assertThat(hub.paths("GET"))
        .contains("/api/models/org/name/revision/v1", "/api/models/org/name/revision/main");
    assertThatThrownBy(
            () ->
                options(
                    "model: {pretrained_model_name_or_path: org/name@v1, revision: v2}",
                    ModelPart.MODEL))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("model.revision", "'v2'", "org/name@v1");
  }

  @Test
  void lookAheadFetchesTheConfigurationAlone() throws IOException {
    assertThat(options("model: {pretrained_model_name_or_path: org/name}", ModelPart.CONFIG))
        .containsEntry(TrainerOption.MODEL_PATH, "hf://org/name@" + hub.commit(ID));
    assertThat(hub.paths("GET")).hasSize(3).last().asString().endsWith("/config.json");
  }

  @Test
  void weightsAtRandomNeedNoWeights() throws IOException {
    Map<TrainerOption, Object> options =
        options(
            """
            model:
              _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_config
              config: {pretrained_model_name_or_path: org/name, num_hidden_layers: 2}
            """,
            ModelPart.MODEL);
    assertThat(options).doesNotContainKey(TrainerOption.MODEL_PATH);
    assertThat((String) options.get(TrainerOption.MODEL_CONFIG))
        .contains("\"hidden_size\":8", "\"num_hidden_layers\":2");
    assertThat(hub.paths("GET")).noneMatch(path -> path.endsWith(".safetensors"));
  }
}
