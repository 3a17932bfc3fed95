package dev.penstock.engine.modelfiles;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.ParameterArena;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TestingLora;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsWriter;
import dev.penstock.engine.safetensors.TensorInfo;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AdapterFolderTest {
  private static final DecoderSpec SPEC =
      ModelFamilies.parse(
          """
          {"model_type": "llama", "vocab_size": 5, "hidden_size": 4, "intermediate_size": 6,
           "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1}
          """);
  private static final LoraSpec LORA =
      TestingLora.of(3, 1, 0, 0, "model.layers.0.mlp.up_proj", "model.layers.1.self_attn.k_proj");
  private static final String UP = "base_model.model.model.layers.0.mlp.up_proj.";
  private static final String KEY = "base_model.model.model.layers.1.self_attn.k_proj.";

  @TempDir Path folder;
  private final Map<String, TensorInfo> tensors = new TreeMap<>();
  private LocalFolder store;

  @BeforeEach
  void fittingTensors() {
    store = new LocalFolder(folder);
    put(UP + "lora_A.weight", DType.F32, 3, 4);
    put(UP + "lora_B.weight", DType.BF16, 6, 3);
    put(KEY + "lora_A.weight", DType.F16, 3, 4);
    put(KEY + "lora_B.weight", DType.F32, 2, 3);
  }

  private void put(String name, DType dtype, long rows, long columns) {
    tensors.put(name, new TensorInfo(name, dtype, List.of(rows, columns)));
  }

  private void check() throws IOException {
    try (FileOutput out = store.create(AdapterFolder.WEIGHTS)) {
      List<TensorInfo> list = new ArrayList<>(tensors.values());
      SafetensorsWriter writer = new SafetensorsWriter(out, AdapterFolder.WEIGHTS, list, Map.of());
      for (TensorInfo tensor : list) {
        writer.write(tensor.name(), ByteBuffer.allocate((int) tensor.byteLength()));
      }
      writer.finish();
      out.commit();
    }
    AdapterFolder.check(SPEC, LORA, store);
  }

  @Test
  void fittingFilePasses() {
    assertThatCode(this::check).doesNotThrowAnyException();
  }

  @Test
  void everyMisfitIsListedAtOnce() {
    tensors.remove(KEY + "lora_A.weight");
    put(KEY + "lora_B.weight", DType.I8, 2, 3);
    put(UP + "lora_A.weight", DType.F32, 3, 8);
    put("base_model.model._orig_mod.model.embed_tokens.weight", DType.F32, 5, 4);
    assertThatThrownBy(this::check)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "4 problems",
            "missing: " + KEY + "lora_A.weight [3, 4]",
            "unreadable: " + KEY + "lora_B.weight has dtype I8",
            "misshapen: " + UP + "lora_A.weight is [3, 8], but the config calls for [3, 4]",
            "unexpected: base_model.model._orig_mod.model.embed_tokens.weight [5, 4]",
            "Use them with the model that they were made for");
  }

  @Test
  void copyOfAnAdaptedWeightMayLieBesideItsAdapter() {
    put(UP + "base_layer.weight", DType.F32, 6, 4);
    assertThatCode(this::check).doesNotThrowAnyException();
    put(KEY + "base_layer.weight", DType.F32, 6, 4);
    put("base_model.model.lm_head.base_layer.weight", DType.F32, 5, 4);
    assertThatThrownBy(this::check)
        .hasMessageContainingAll(
            "2 problems",
            "misshapen: " + KEY + "base_layer.weight is [6, 4], but the config calls for [2, 4]",
            "unexpected: base_model.model.lm_head.base_layer.weight");
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "BF16"})
  void copyOfAWeightMustBeTheModelsOwn(DType dtype) throws IOException {
    RankModel.Options options = new RankModel.Options(ScalarType.Float, "cpu", 0, LORA);
    try (RankModel model =
        new RankModel(SPEC, Map.of(0, new DecoderTensors(SPEC).modules()), options)) {
      ParameterArena arena = model.arena();
      new WeightInitializer(1, 0.3).fill(arena);
      Tensor own = arena.parameter("model.layers.0.mlp.up_proj.weight").value();
      List<Parameter> saved =
          new ArrayList<>(
              arena.parameters().stream().filter(p -> LoraSpec.isTrained(p.name())).toList());
      saved.add(new Parameter(UP + "base_layer.weight", own, null, false));
      WeightWriter.write(store, AdapterFolder.WEIGHTS, saved, dtype);

      assertThatCode(() -> AdapterFolder.read(store, arena)).doesNotThrowAnyException();
      own.mul_(own);
      assertThatThrownBy(() -> AdapterFolder.read(store, arena))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll(
              "bring "
                  + UP
                  + "base_layer.weight, which is not what model.layers.0.mlp.up_proj.weight is",
              "merge_and_unload");
    }
  }

  @Test
  void embeddingsWithAddedTokensAreNamedWithBothShapes() {
    put("base_model.model.model.embed_tokens.weight", DType.BF16, 7, 4);
    assertThatThrownBy(this::check)
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "base_model.model.model.embed_tokens.weight is [7, 4], but the config calls for [5, 4]",
            "the model must have them too");
  }

  @Test
  void tensorUnderTwoNamesIsRefused() {
    put(UP + "lora_A.default.weight", DType.F32, 3, 4);
    assertThatThrownBy(this::check)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("names of one tensor");
  }

  @Test
  void pickledAdaptersAreNamed() throws IOException {
    store.write("adapter_model.bin", new byte[0]);
    assertThatThrownBy(() -> AdapterFolder.check(SPEC, LORA, store))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("no adapter_model.safetensors", "safe_serialization=True");
  }

  @Test
  void adaptersAloneAreNoModel() throws IOException {
    store.write(AdapterFolder.CONFIG, new byte[0]);
    assertThatThrownBy(() -> ModelFiles.of(store).readConfig())
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("There is no config.json in", "adapters alone");
  }
}
