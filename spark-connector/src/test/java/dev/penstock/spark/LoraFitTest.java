package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.modelfiles.AdapterFolder;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsWriter;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.engine.safetensors.TensorInfo;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Adapters of a model: trained, saved alone or merged, scored with, trained on. */
@Timeout(300)
class LoraFitTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-4);
  private static final String[] TARGETS = {"q_proj", "v_proj", "down_proj", "lm_head"};

  private static final String SAVED = "embed_tokens";
  private static final String SAVED_EMBEDDING = "base_model.model.model.embed_tokens.weight";

  @TempDir static Path shared;
  private static Path base;

  @TempDir Path folder;

  @BeforeAll
  static void trainTheBase() {
    TestModels.trainer(shared).fit(TestModels.verses());
    base = shared.resolve("model");
  }

  /** Starts from the base or its adapters, over two ranks. */
  private CausalLMTrainer trainer(Path start, String output) {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setModelPath(uri(start))
            .setOutputPath(uri(folder.resolve(output)));
    trainer.clear(trainer.modelConfig());
    trainer.clear(trainer.tokenizerPath());
    return trainer;
  }

  private CausalLMTrainer lora(String output) {
    return trainer(base, output).setLoraTargetModules(TARGETS).setLoraRank(4).setLoraAlpha(64);
  }

  private static String uri(Path path) {
    return path.toUri().toString();
  }

  private static CausalLMModel model(Path path) {
    return CausalLMModel.ofFolder(uri(path)).setSeqLength(TestModels.SEQ_LENGTH);
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElseThrow();
  }

  private static double[] nll(CausalLMModel model) {
    Dataset<Row> some = TestModels.verses().limit(20);
    return model.transform(some).collectAsList().stream()
        .mapToDouble(row -> row.<Double>getAs("nll"))
        .toArray();
  }

  private static Map<String, byte[]> files(Path path) throws IOException {
    Map<String, byte[]> bytes = new TreeMap<>();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes.put(file.getFileName().toString(), Files.readAllBytes(file));
      }
    }
    return bytes;
  }

  @Test
  void fitSavesAFolderOfAdaptersBesideAnUntouchedModel() throws IOException {
    Map<String, byte[]> before = files(base);

    CausalLMModel model = lora("adapters").fit(TestModels.verses());

    assertThat(files(base)).containsExactlyEntriesOf(before);
    Path adapters = folder.resolve("adapters");
    assertThat(files(adapters))
        .containsOnlyKeys(
            AdapterFolder.CONFIG,
            AdapterFolder.WEIGHTS,
            "tokenizer.json",
            "tokenizer_config.json",
            "metrics.jsonl",
            "report.html",
            "training_loss.svg",
            "training_summary.json");
    JsonNode config =
        new ObjectMapper().readTree(Files.readAllBytes(adapters.resolve(AdapterFolder.CONFIG)));
    assertThat(config.path("peft_type").asText()).isEqualTo("LORA");
    assertThat(config.path("base_model_name_or_path").asText()).isEqualTo(base.toString());
    assertThat(config.path("r").asInt()).isEqualTo(4);
    assertThat(config.path("lora_alpha").asDouble()).isEqualTo(64);
    assertThat(config.path("target_modules"))
        .extracting(JsonNode::asText)
        .containsExactly("down_proj", "lm_head", "q_proj", "v_proj");
    assertThat(mean(nll(model))).isLessThan(mean(nll(model(base))) - 0.1);
  }

  @Test
  void adaptersComputeWhatTheMergedModelDoes() throws IOException {
    CausalLMModel adapted = lora("adapters").fit(TestModels.verses());
    CausalLMModel merged = lora("merged").setLoraMerge(true).fit(TestModels.verses());

    assertThat(files(folder.resolve("merged")))
        .containsKey("config.json")
        .doesNotContainKey(AdapterFolder.CONFIG);
    assertThat(nll(adapted)).containsExactly(nll(merged), ROUNDING);
    assertThat(nll(adapted)[0]).isNotCloseTo(nll(model(base))[0], Offset.offset(1e-2));
    assertThat(adapted.generate("In the beginning", 8))
        .isEqualTo(merged.generate("In the beginning", 8));

    String saved = uri(folder.resolve("saved"));
    adapted.setNllCol("loss").save(saved);
    CausalLMModel loaded = CausalLMModel.load(saved);
    assertThat(loaded.getNllCol()).isEqualTo("loss");
    assertThat(nll(loaded.setNllCol("nll"))).containsExactly(nll(adapted.setNllCol("nll")));
  }

  @Test
  void trainingGoesOnFromAdapters() {
    CausalLMModel first = lora("first").setSaveDtype("bfloat16").fit(TestModels.verses());
    Path adapters = folder.resolve("first");

    CausalLMModel merged =
        trainer(adapters, "merged")
            .setLoraMerge(true)
            .setMaxSteps(1)
            .setLearningRate(1e-12)
            .fit(TestModels.verses());
    CausalLMModel second =
        trainer(adapters, "second")
            .setLoraRank(4)
            .setLoraTargetModules(TARGETS)
            .fit(TestModels.verses());
    CausalLMModel whole = trainer(folder.resolve("merged"), "whole").fit(TestModels.verses());

    assertThat(nll(merged)).containsExactly(nll(first), ROUNDING);
    double[] losses = second.summary().objectiveHistory();
    assertThat(losses[0]).isCloseTo(whole.summary().objectiveHistory()[0], ROUNDING);
    assertThat(losses[0]).isLessThan(first.summary().objectiveHistory()[0] - 0.1);
    assertThat(mean(nll(second))).isLessThan(mean(nll(first)) - 0.05);
  }

  @Test
  void adaptersOfAModelWithAnotherNameNeedItsPath() throws IOException {
    double[] expected = nll(lora("adapters").fit(TestModels.verses()));
    Path adapters = folder.resolve("adapters");
    Path config = adapters.resolve(AdapterFolder.CONFIG);
    Files.writeString(
        config, Files.readString(config).replace(base.toString(), "meta-llama/Llama-3:latest"));
    Files.delete(adapters.resolve("tokenizer.json"));
    CausalLMModel unknown = model(adapters);
    assertThatThrownBy(() -> nll(unknown))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "are for the model 'meta-llama/Llama-3:latest'", "Set baseModelPath");

    double[] scored = nll(unknown.setBaseModelPath(uri(base)));
    unknown.save(uri(folder.resolve("saved")));

    assertThat(scored).containsExactly(expected);
    assertThat(nll(CausalLMModel.load(uri(folder.resolve("saved"))))).containsExactly(scored);
    CausalLMModel more =
        trainer(adapters, "more")
            .setBaseModelPath(uri(base))
            .setMaxSteps(1)
            .fit(TestModels.verses());
    assertThat(more.isDefined(more.baseModelPath())).isFalse();
    assertThat(nll(more)).hasSize(20);
  }

  @Test
  void adaptersThatParamsDoNotMeanAreRefused() {
    lora("adapters").setMaxSteps(1).fit(TestModels.verses());
    Path adapters = folder.resolve("adapters");
    CausalLMTrainer other =
        trainer(adapters, "other")
            .setLoraRank(16)
            .setLoraAlpha(16)
            .setLoraTargetModules(new String[] {"all-linear"});
    assertRefused(
        other,
        "loraRank is 16, but theirs is 4",
        "loraAlpha is 16.0, but theirs is 64.0",
        "loraTargetModules [all-linear] and loraExcludeModules [] mean other modules",
        "set modelPath to the model");
    assertRefused(trainer(base, "other").setBaseModelPath(uri(base)), "there are no adapters");
  }

  @Test
  void paramsThatWouldSayNothingAreRefused() {
    assertRefused(
        trainer(base, "other").setLoraRank(4).setLoraMerge(false),
        "loraRank, loraMerge are set, but no adapters are trained: set loraTargetModules");
    assertRefused(lora("other").setMaxShardBytes(1_000_000), "maxShardBytes", "one file");
    assertRefused(
        lora("other").setLoraTargetModules(new String[] {"query"}),
        "'query' means no linear module");
    CausalLMTrainer random = TestModels.trainer(folder);
    assertRefused(random.setLoraDropout(0.1), "loraDropout is set, but no adapters");
    assertRefused(random.setLoraTargetModules(TARGETS), "set modelPath, or loraMerge");
    random.setLoraMerge(true);
    assertRefused(random.setBaseModelPath("/none"), "baseModelPath is set, but not modelPath");
  }

  @Test
  void wholeModulesOfPeftGoOnTrainingAndAreScored() throws IOException {
    CausalLMModel first = lora("first").setLoraRank(2).fit(TestModels.verses());
    Path adapters = folder.resolve("first");
    giveModulesToSave(adapters);
    assertThat(nll(model(adapters))).containsExactly(nll(first), ROUNDING);

    CausalLMModel second = trainer(adapters, "second").fit(TestModels.verses());
    CausalLMModel merged =
        trainer(folder.resolve("second"), "merged")
            .setLoraMerge(true)
            .setMaxSteps(1)
            .setLearningRate(1e-12)
            .fit(TestModels.verses());

    JsonNode config =
        new ObjectMapper()
            .readTree(Files.readAllBytes(folder.resolve("second").resolve(AdapterFolder.CONFIG)));
    assertThat(config.path("modules_to_save")).extracting(JsonNode::asText).containsExactly(SAVED);
    assertThat(config.path("r").asInt()).isEqualTo(2);
    assertThat(tensors(folder.resolve("second")))
        .isEqualTo(tensors(adapters))
        .contains(SAVED_EMBEDDING);
    assertThat(mean(nll(second))).isLessThan(mean(nll(first)) - 0.05);
    assertThat(nll(model(folder.resolve("second")))).containsExactly(nll(second));
    assertThat(nll(merged)).containsExactly(nll(second), ROUNDING);
  }

  /** As peft would have saved the adapters, had the embedding been trained with them. */
  private static void giveModulesToSave(Path adapters) throws IOException {
    Path config = adapters.resolve(AdapterFolder.CONFIG);
    Files.writeString(
        config,
        Files.readString(config).replaceFirst("\\{", "{\"modules_to_save\": [\"" + SAVED + "\"],"));
    LocalFolder store = new LocalFolder(adapters);
    Map<String, ByteBuffer> bytes = new TreeMap<>();
    List<TensorInfo> tensors = new ArrayList<>();
    try (ModelWeights trained = ModelWeights.ofFile(store, AdapterFolder.WEIGHTS);
        ModelWeights own = ModelWeights.open(new LocalFolder(base))) {
      for (String name : new TreeSet<>(trained.names())) {
        add(name, trained, name, tensors, bytes);
      }
      add(SAVED_EMBEDDING, own, "model.embed_tokens.weight", tensors, bytes);
    }
    try (FileOutput out = store.create(AdapterFolder.WEIGHTS)) {
      SafetensorsWriter writer =
          new SafetensorsWriter(out, AdapterFolder.WEIGHTS, tensors, Map.of());
      for (TensorInfo tensor : tensors) {
        writer.write(tensor.name(), bytes.get(tensor.name()));
      }
      writer.finish();
      out.commit();
    }
  }

  private static void add(
      String name,
      ModelWeights weights,
      String stored,
      List<TensorInfo> tensors,
      Map<String, ByteBuffer> bytes)
      throws IOException {
    TensorEntry entry = weights.entry(stored);
    ByteBuffer values = ByteBuffer.allocate((int) entry.byteLength());
    weights.read(stored, 0, values);
    tensors.add(new TensorInfo(name, entry.dtype(), entry.shape()));
    bytes.put(name, values.flip());
  }

  private static Set<String> tensors(Path adapters) throws IOException {
    try (ModelWeights weights =
        ModelWeights.ofFile(new LocalFolder(adapters), AdapterFolder.WEIGHTS)) {
      return new TreeSet<>(weights.names());
    }
  }

  private static void assertRefused(CausalLMTrainer trainer, String... parts) {
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void adaptersOfAnotherModelAreListed() throws IOException {
    lora("adapters").setMaxSteps(1).fit(TestModels.verses());
    Path adapters = folder.resolve("adapters");
    Path config = adapters.resolve(AdapterFolder.CONFIG);
    Files.writeString(config, Files.readString(config).replace("\"q_proj\"", "\"k_proj\""));
    assertRefused(
        trainer(adapters, "other"),
        "missing: base_model.model.model.layers.0.self_attn.k_proj.lora_A.weight [4, 32]",
        "unexpected: base_model.model.model.layers.3.self_attn.q_proj.lora_B.weight [32, 4]");
    Files.writeString(config, Files.readString(config).replace("LORA", "IA3"));
    assertRefused(trainer(adapters, "other"), "'peft_type' = \"IA3\" is not supported");
  }
}
