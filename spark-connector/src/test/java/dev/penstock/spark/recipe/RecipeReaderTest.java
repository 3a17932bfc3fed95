package dev.penstock.spark.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.params.TrainerOption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeReaderTest {
  private static final String MINIMAL =
      """
      model: {pretrained_model_name_or_path: some/model}
      dataset: {path_or_dataset: data.json}
      """;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "own-anchors_aliases_merge",
        "own-guide_pipeline_section",
        "own-scalars_env_lists",
        "v0.1.2-llm_finetune-qwen-qwen3_0p6b_hellaswag",
        "v0.2.0-llm_finetune-llama3_1-llama3_1_8b_hellaswag_pp",
        "v0.4.0-llm_finetune-mistral-ministral3_3b_squad",
        "llm_kd-llama3_2-llama3_2_1b_kd",
        "llm_benchmark-deepseek-deepseek_v3_te_deepep",
        "llm_finetune-qwen-qwen3_8b_hellaswag_pp_peft",
        "llm_finetune-llama3_2-llama3_2_1b_squad_skypilot",
        "llm_finetune-gemma-gemma_3_270m_squad_peft"
      })
  void everyKeyIsAccountedForOnce(String name) throws IOException {
    String text = resource(name);
    Recipe recipe = read(text);
    List<String> accounted =
        Stream.of(recipe.used(), recipe.withoutMeaning(), recipe.refused(), recipe.unknown())
            .flatMap(part -> part.keySet().stream())
            .toList();
    List<String> keys = new ArrayList<>();
    leaves("", YamlText.read(text, name), keys);
    assertThat(accounted).containsExactlyInAnyOrderElementsOf(keys);
    assertThat(recipe.unknown()).isEmpty();
  }

  /** The weights' own config.json says how to compute with them, so a recipe cannot. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{pretrained_model_name_or_path: a/b, config: {num_hidden_layers: 2}}",
        "{_target_: x.NeMoAutoModelForCausalLM.from_pretrained, pretrained_model_name_or_path: a/b, config: {num_hidden_layers: 2}}",
        "{_target_: x.NeMoAutoModelForCausalLM.from_config, load_base_model: true, config: {name_or_path: a/b, num_hidden_layers: 2}}"
      })
  void fieldsOfAConfigurationBesideWeightsAreRefused(String model) {
    Recipe recipe = read("model: " + model);
    assertThat(recipe.refused()).containsOnlyKeys("model.config.num_hidden_layers");
    assertThat(recipe.refused().toString()).contains("config.json");
    String random =
        model.replace("from_pretrained", "from_config").replace("load_base_model: true, ", "");
    if (random.contains("_target_")) {
      assertThat(read("model: " + random).refused()).isEmpty();
    }
  }

  @Test
  void pipelinesOfAllVersionsAreRead() throws IOException {
    Recipe older = read(resource("v0.2.0-llm_finetune-llama3_1-llama3_1_8b_hellaswag_pp"));
    assertThat(older.isRunnable()).isTrue();
    assertThat(older.options())
        .containsEntry(TrainerOption.PP_SIZE, 2)
        .containsEntry(TrainerOption.PP_SCHEDULE, "interleaved1f1b")
        .containsEntry(TrainerOption.PP_MICROBATCH_SIZE, 4)
        .containsEntry(TrainerOption.OPTIMIZER, "adam")
        .containsEntry(TrainerOption.EPSILON, 1e-8)
        .doesNotContainKey(TrainerOption.DP_SIZE);
    assertThat(older.withoutMeaning()).containsKey("rng.seed");
    assertThat(older.options()).doesNotContainKey(TrainerOption.SEED);

    Recipe guide = read(resource("own-guide_pipeline_section"));
    assertThat(guide.isRunnable()).isTrue();
    assertThat(guide.options())
        .containsEntry(TrainerOption.LOCAL_BATCH_SIZE, 8)
        .containsEntry(TrainerOption.PP_SCHEDULE, "1f1b")
        .containsEntry(TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE, "up");
  }

  @Test
  void valuesAreReadAsTheyAreUpstream() throws IOException {
    Recipe recipe = read(resource("own-scalars_env_lists"));
    assertThat(recipe.isRunnable()).isTrue();
    assertThat(recipe.options())
        .containsEntry(TrainerOption.SEED, 42L)
        .containsEntry(TrainerOption.GLOBAL_BATCH_SIZE, 64)
        .containsEntry(TrainerOption.LOCAL_BATCH_SIZE, 8)
        .containsEntry(TrainerOption.MAX_STEPS, 1000)
        .containsEntry(TrainerOption.LR_WARMUP_STEPS, 100)
        .containsEntry(TrainerOption.RECOMPUTE, "full")
        .containsEntry(TrainerOption.PRECISION, "bfloat16")
        .containsEntry(TrainerOption.LORA_DROPOUT, 0.05)
        .containsEntry(TrainerOption.BETA2, 0.95)
        .containsEntry(TrainerOption.SEQ_LENGTH, 2048)
        .doesNotContainKeys(TrainerOption.NUM_EPOCHS, TrainerOption.CHECKPOINT_INTERVAL);
    assertThat((String[]) recipe.options().get(TrainerOption.LORA_TARGET_MODULES))
        .containsExactly("*.q_proj", "*.v_proj");
    assertThat(recipe.used()).containsEntry("checkpoint.checkpoint_dir", "checkpoints/run-0");
  }

  @Test
  void overridesOfTheGuideAreTaken() {
    Recipe recipe =
        read(
            MINIMAL,
            "--distributed.pp_size",
            "2",
            "--distributed.pipeline.pp_schedule",
            "1f1b",
            "--distributed.pipeline.pp_microbatch_size=1",
            "--distributed.pipeline.round_virtual_stages_to_pp_multiple",
            "up",
            "--distributed.pipeline.scale_grads_in_schedule",
            "false",
            "--dataloader.batch_size",
            "16",
            "--dataset",
            "none");
    assertThat(recipe.isRunnable()).isTrue();
    assertThat(recipe.options())
        .containsEntry(TrainerOption.PP_SIZE, 2)
        .containsEntry(TrainerOption.LOCAL_BATCH_SIZE, 16);
    assertThat(recipe.used())
        .containsEntry("dataset", null)
        .doesNotContainKey("dataset.path_or_dataset");
  }

  @ParameterizedTest
  @CsvSource({
    "distributed.pp_sise, distributed.pp_size",
    "distributed.pipeline.pp_shedule, distributed.pipeline.pp_schedule",
    "optimiser.lr, optimizer.lr",
    "learning_rate, optimizer.lr",
    "step_scheduler.max_step, step_scheduler.max_steps",
    "model.pretrained_model, model.pretrained_model_name_or_path"
  })
  void misspeltKeysAreUnknown(String key, String nearest) {
    Recipe recipe = read(MINIMAL, "--" + key, "2");
    assertThat(recipe.unknown()).containsOnly(Map.entry(key, nearest));
    assertThatThrownBy(recipe::check).isInstanceOf(ConfigException.class).hasMessageContaining(key);
  }

  @Test
  void keysThatHoldDotsAreNoKeysOfOptions() {
    Recipe recipe =
        read(MINIMAL + "distributed.pp_size: 2\nci: {check: {distributed.tp_size: 2}}\n");
    assertThat(recipe.unknown()).containsEntry("distributed.pp_size", "distributed.pp_size");
    assertThat(recipe.withoutMeaning()).containsKey("ci.check.distributed.tp_size");
    assertThat(recipe.options()).doesNotContainKey(TrainerOption.PP_SIZE);
    assertThatThrownBy(recipe::check).hasMessageContaining("distributed.pp_size: in one word");
  }

  @Test
  void contradictionsAreRefused() {
    Recipe recipe =
        read(
            MINIMAL,
            "--dataloader.batch_size=16",
            "--step_scheduler.local_batch_size=8",
            "--step_scheduler.global_batch_size=20",
            "--distributed.pp_size=2",
            "--distributed.pipeline.pp_microbatch_size=3");
    assertThat(recipe.refused())
        .containsOnlyKeys(
            "dataloader.batch_size",
            "step_scheduler.global_batch_size",
            "distributed.pipeline.pp_microbatch_size");
  }

  /** What the schedule of the rate cannot be is told before the run, not in it. */
  @ParameterizedTest
  @CsvSource({
    "lr_scheduler.min_lr, 0.1",
    "lr_scheduler.init_lr, 0.1",
    "lr_scheduler.lr_warmup_steps, 10",
    "lr_scheduler.lr_warmup_steps, 20"
  })
  void ratesThatDoNotClimbAndFallAreRefused(String key, String value) {
    List<String> run = List.of("--optimizer.lr=0.01", "--step_scheduler.max_steps=10");
    List<String> changed = new ArrayList<>(run);
    changed.addAll(List.of("--lr_scheduler.lr_decay_style=linear", "--" + key, value));
    assertThat(read(MINIMAL, changed.toArray(String[]::new)).refused()).containsOnlyKeys(key);
    changed.add("--optimizer.lr=0.1");
    changed.add("--lr_scheduler.lr_decay_steps=21");
    assertThat(read(MINIMAL, changed.toArray(String[]::new)).isRunnable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "packed_sequence",
        "clip_grad_norm",
        "checkpoint",
        "optimizer",
        "step_scheduler",
        "distributed",
        "distributed.offload_policy",
        "dataloader",
        "peft",
        "wandb",
        "mlflow",
        "model.quantization_config",
        "penstock"
      })
  void anySectionMayBeTakenAway(String section) {
    Recipe none = read(MINIMAL, "--" + section, "none");
    assertThat(none.isRunnable()).isTrue();
    assertThat(none.used()).containsEntry(section, null);
    assertThat(none.options()).isEqualTo(read(MINIMAL).options());
    assertThat(read(MINIMAL + "distributed: {}\nwandb: {}\n").isRunnable()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"match_all_linear: true", "exclude_modules: ['*.out_proj']"})
  void allLinearModulesAreThoseWithTheHead(String peft) {
    Recipe recipe = read(MINIMAL + "peft: {" + peft + "}\n");
    assertThat((String[]) recipe.options().get(TrainerOption.LORA_TARGET_MODULES))
        .containsExactly("*");
  }

  @Test
  void textsAreToldFromNumbers() {
    Recipe recipe = read(MINIMAL, "--distributed.pp_size", "\"2\"", "--seed=${NOT_SET,}");
    assertThat(recipe.refused())
        .containsEntry("distributed.pp_size", "It is '2', but must be a whole number.")
        .containsEntry("seed", "It is '', but must be a whole number.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "distributed.pp_size=0",
        "distributed.pp_size=1.5",
        "distributed.pp_size=two",
        "distributed.tp_size=2",
        "distributed.ep_size=8",
        "optimizer.lr=-1",
        "optimizer.betas=[0.9]",
        "optimizer._target_=dion.Muon",
        "loss_fn._target_=nemo_automodel.components.loss.kd_loss.KDLoss",
        "model.torch_dtype=float16",
        "distributed.activation_checkpointing=selective",
        "step_scheduler.max_steps=99999999999",
        "lr_scheduler.lr_decay_style=polynomial",
        "lr_scheduler.lr_decay_style=WSD",
        "peft=false",
        "step_scheduler=5",
        "seed=${NOT_SET}"
      })
  void whatCannotBeIsRefusedWithARemedy(String override) {
    Recipe recipe = read(MINIMAL, "--" + override);
    String key = override.substring(0, override.indexOf('='));
    assertThat(recipe.refused()).containsOnlyKeys(key);
    assertThat(recipe.refused().get(key)).matches("(?s).+[.:,] .+\\.");
  }

  @Test
  void unknownSchedulesAreRefusedOnlyWherePipelinesAre() {
    String schedule = "--distributed.pipeline.pp_schedule=2f2b";
    assertThat(read(MINIMAL, schedule).isRunnable()).isTrue();
    assertThat(read(MINIMAL, schedule, "--distributed.pp_size=2").refused())
        .containsOnlyKeys("distributed.pipeline.pp_schedule");
    for (String name : List.of("interleaved_1f1b", "Interleaved1F1B", "looped_bfs", "DualPipeV")) {
      String override = "--distributed.pipeline.pp_schedule=" + name;
      assertThat(read(MINIMAL, override, "--distributed.pp_size=2").isRunnable()).isTrue();
    }
  }

  @Test
  void secretsAreNotShown() throws IOException {
    Recipe unset = read(resource("llm_finetune-llama3_2-llama3_2_1b_squad_skypilot"));
    assertThat(unset.isRunnable()).isTrue();

    Recipe recipe =
        RecipeReader.read(
            MINIMAL,
            "test",
            List.of(
                "--checkpoint.checkpoint_dir=s3a://${S3_SECRET}@b/c", "--wandb.api_key=hunter2"),
            Map.of("S3_SECRET", "hunter2")::get);
    assertThat(RecipeJson.of(recipe)).doesNotContain("hunter2").contains("s3a://${S3_SECRET}@b/c");
    assertThat(recipe.options()).containsEntry(TrainerOption.CHECKPOINT_PATH, "s3a://hunter2@b/c");
  }

  /** What a variable holds is written as the variable again, also below a folder of its name. */
  @Test
  void secretsAreNotWrittenBesideTheModel() {
    Recipe recipe =
        RecipeReader.read(
            MINIMAL,
            "test",
            List.of(
                "--checkpoint.checkpoint_dir=s3a://${S3_SECRET}@b/c",
                "--dataset.path_or_dataset=https://me:hunter3@h/x?a=1&sig=hunter4&b=2",
                "--dataset.options.auth_token=hunter5",
                "--mlflow.tracking_uri=https://me:hunter6@mlflow"),
            Map.of("S3_SECRET", "hunter2")::get);
    Map<TrainerOption, Object> options = new EnumMap<>(recipe.options());
    options.put(TrainerOption.OUTPUT_PATH, "s3a://hunter2@b/c/model");
    String resolved = ResolvedRecipe.of(recipe, options);
    assertThat(resolved)
        .contains("s3a://${S3_SECRET}@b/c/model")
        .contains("https://me:***@h/x?a=1&sig=***&b=2")
        .contains("https://me:***@mlflow")
        .doesNotContain("hunter");
    assertThat(recipe.value("dataset.path_or_dataset").toString()).contains("hunter3", "hunter4");
  }

  @Test
  void whatIsLeftOutIsTakenAsUpstream() {
    Recipe bare = read(MINIMAL, "--optimizer._target_=torch.optim.Adam");
    assertThat(bare.options())
        .containsEntry(TrainerOption.LR_DECAY_STYLE, "constant")
        .containsEntry(TrainerOption.LR_WARMUP_STEPS, 0)
        .containsEntry(TrainerOption.NUM_EPOCHS, 10)
        .containsEntry(TrainerOption.LEARNING_RATE, 1e-3)
        .containsEntry(TrainerOption.WEIGHT_DECAY, 0.0)
        .containsEntry(TrainerOption.CHECKPOINT_INTERVAL, 100);
    Recipe scheduled =
        read(MINIMAL, "--lr_scheduler.lr_decay_style=WSD", "--checkpoint.enabled=false");
    assertThat(scheduled.options())
        .containsEntry(TrainerOption.LR_DECAY_STYLE, "wsd")
        .containsEntry(TrainerOption.CHECKPOINT_SECONDS, 0)
        .doesNotContainKeys(TrainerOption.LR_WARMUP_STEPS, TrainerOption.CHECKPOINT_PATH);
  }

  @Test
  void strayWordsAreRefused() {
    assertThatThrownBy(() -> read(MINIMAL, "--seed", "1", "2"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'2'");
    assertThatThrownBy(() -> read(MINIMAL, "-seed"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("'-seed'");
  }

  private static Recipe read(String text, String... overrides) {
    return RecipeReader.read(text, "test", List.of(overrides), name -> null);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = RecipeReaderTest.class.getResourceAsStream(name + ".yaml")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static void leaves(String prefix, Map<?, ?> tree, List<String> keys) {
    tree.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && !map.isEmpty()) {
            leaves(prefix + key + ".", map, keys);
          } else {
            keys.add(prefix + key);
          }
        });
  }
}
