package dev.penstock.engine.modelfiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.FusedWeight;
import dev.penstock.engine.model.family.ModelFamilies;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsWriter;
import dev.penstock.engine.safetensors.TensorInfo;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightCheckTest {
  private static final String CONFIG =
      """
      {"model_type": "%s", "vocab_size": 5, "hidden_size": 4, "intermediate_size": 6,
       "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1,
       %s "tie_word_embeddings": %s}
      """;

  @TempDir Path folder;
  private final Map<String, TensorInfo> tensors = new TreeMap<>();

  /** A model, and the tensors of a file that fits it. */
  private DecoderSpec model(String type, boolean tied) {
    DecoderSpec spec =
        ModelFamilies.parse(
            CONFIG.formatted(
                type, type.equals("mixtral") ? "\"num_local_experts\": 3," : "", tied));
    new DecoderTensors(spec).all().forEach(weight -> put(weight.name(), DType.F32, weight.shape()));
    return spec;
  }

  private void put(String name, DType dtype, List<Long> shape) {
    tensors.put(name, new TensorInfo(name, dtype, shape));
  }

  private List<String> check(DecoderSpec spec) throws IOException {
    LocalFolder store = new LocalFolder(folder);
    try (FileOutput out = store.create("model.safetensors")) {
      List<TensorInfo> list = new ArrayList<>(tensors.values());
      SafetensorsWriter writer = new SafetensorsWriter(out, "model.safetensors", list, Map.of());
      for (TensorInfo tensor : list) {
        writer.write(tensor.name(), ByteBuffer.allocate((int) tensor.byteLength()));
      }
      writer.finish();
      out.commit();
    }
    return WeightCheck.check(spec, store);
  }

  @Test
  void fittingFilePasses() {
    DecoderSpec spec = model("llama", false);
    assertThatCode(() -> check(spec)).doesNotThrowAnyException();
  }

  @Test
  void halfPrecisionPasses() {
    DecoderSpec spec = model("llama", false);
    put("lm_head.weight", DType.BF16, List.of(5L, 4L));
    put("model.norm.weight", DType.F16, List.of(4L));
    assertThatCode(() -> check(spec)).doesNotThrowAnyException();
  }

  @Test
  void whatFollowsFromTheRestIsIgnored() throws IOException {
    DecoderSpec spec = model("llama", true);
    put("lm_head.weight", DType.F32, List.of(5L, 4L));
    put("model.layers.0.self_attn.rotary_emb.inv_freq", DType.F32, List.of(1L));
    assertThat(check(spec)).isEmpty();
  }

  @Test
  void whatTheModelDoesNotHaveIsNamedInAWarning() throws IOException {
    DecoderSpec spec = model("llama", false);
    put("v_head.weight", DType.F32, List.of(1L, 4L));
    put("model.layers.2.mlp.up_proj.weight", DType.I64, List.of(0L));
    assertThat(check(spec))
        .singleElement(STRING)
        .contains("2 tensors", "'llama' with 2 layers")
        .contains("model.layers.2.mlp.up_proj.weight, v_head.weight");
  }

  @Test
  void namesWithoutThatOfTheInnerModelPass() throws IOException {
    DecoderSpec spec = model("llama", false);
    Map<String, TensorInfo> inner = new TreeMap<>();
    tensors.forEach(
        (name, tensor) -> {
          String bare = name.replaceFirst("^model\\.", "");
          inner.put(bare, new TensorInfo(bare, tensor.dtype(), tensor.shape()));
        });
    tensors.clear();
    tensors.putAll(inner);
    assertThat(check(spec)).isEmpty();
  }

  @Test
  void tiedEmbeddingMayLieThereAsTheHead() throws IOException {
    DecoderSpec spec = model("llama", true);
    tensors.remove("model.embed_tokens.weight");
    put("lm_head.weight", DType.F32, List.of(5L, 4L));
    assertThat(check(spec)).isEmpty();
  }

  @Test
  void messageIsBoundedHoweverMuchIsWrong() {
    DecoderSpec spec = model("llama", false);
    List<Long> manySizes = Collections.nCopies(60, 1L);
    tensors.replaceAll((name, tensor) -> new TensorInfo(name, DType.I8, manySizes));
    assertThatThrownBy(() -> check(spec))
        .hasMessageContaining("misshapen: model.embed_tokens.weight")
        .hasMessageEndingWith("Use the config.json that was saved with these weights.")
        .satisfies(
            e ->
                assertThat(e.getMessage().getBytes(StandardCharsets.UTF_8).length)
                    .isLessThanOrEqualTo(Quoted.MAX_MESSAGE_BYTES));
  }

  @Test
  void everyMisfitIsListedAtOnce() {
    DecoderSpec spec = model("llama", false);
    tensors.remove("model.layers.1.mlp.up_proj.weight");
    put("model.norm.weight", DType.F32, List.of(3L));
    put("lm_head.weight", DType.I8, List.of(5L, 4L));
    assertThatThrownBy(() -> check(spec))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("3 problems")
        .hasMessageContaining("missing: model.layers.1.mlp.up_proj.weight [6, 4]")
        .hasMessageContaining("misshapen: model.norm.weight is [3], but the config calls for [4]")
        .hasMessageContaining("unreadable: lm_head.weight has dtype I8; readable are");
  }

  /** As torch.compile, DistributedDataParallel and peft name what they hold. */
  @ParameterizedTest
  @ValueSource(strings = {"_orig_mod.", "module.", "base_model.model."})
  void namesOfWhatWrapsAModelAreTold(String wrapper) {
    DecoderSpec spec = model("llama", false);
    List<TensorInfo> all = List.copyOf(tensors.values());
    tensors.clear();
    all.forEach(tensor -> put(wrapper + tensor.name(), tensor.dtype(), tensor.shape()));
    assertThatThrownBy(() -> check(spec))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("missing: model.embed_tokens.weight [5, 4]")
        .hasMessageEndingWith(
            "The files have it as %smodel.embed_tokens.weight: save the model itself, without what wraps it."
                .formatted(wrapper));
  }

  @Test
  void whatIsThereInsteadOfMissingTensorsIsNamed() {
    DecoderSpec spec = model("llama", false);
    tensors.remove("model.layers.1.self_attn.q_proj.weight");
    put("model.layers.1.self_attn.qkv_proj.weight", DType.F32, List.of(8L, 4L));
    assertThatThrownBy(() -> check(spec))
        .hasMessageContaining("missing: model.layers.1.self_attn.q_proj.weight [4, 4]")
        .hasMessageContaining(
            "1 tensors that the model has not, such as model.layers.1.self_attn.qkv_proj")
        .hasMessageEndingWith("Use the config.json that was saved with these weights.");
  }

  @Test
  void fusedExpertsStandForEachOfThem() {
    DecoderSpec spec = fusedMixtral();
    assertThatCode(() -> check(spec)).doesNotThrowAnyException();
  }

  @Test
  void misshapenFusedExpertsAreOneProblem() {
    DecoderSpec spec = fusedMixtral();
    put("model.layers.1.mlp.experts.down_proj", DType.F32, List.of(4L, 4L, 6L));
    assertThatThrownBy(() -> check(spec))
        .hasMessageContaining("1 problem:")
        .hasMessageContaining("down_proj is [4, 4, 6], but the config calls for [3, 4, 6]");
  }

  private DecoderSpec fusedMixtral() {
    DecoderSpec spec = model("mixtral", false);
    Map<String, FusedWeight> fused = new DecoderTensors(spec).fused();
    tensors.keySet().removeAll(fused.keySet());
    fused.values().forEach(weight -> put(weight.name(), DType.F32, weight.shape()));
    return spec;
  }
}
