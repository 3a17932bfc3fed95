package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.DecoderTensors;
import dev.penstock.engine.model.LoraSpec;
import dev.penstock.engine.model.RankModel;
import dev.penstock.engine.model.TensorShape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configs that peft wrote, or wrote once, or that somebody made of them, with what peft 0.21.2
 * saves after opening them: {@code configs.json}.
 */
class PeftConfigsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path FILE = Path.of("src/test/resources/peft/configs.json");

  /** Of configs that are refused, what has to be named. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry("absent-names-only", "query_key_value"),
          Map.entry("alora", "alora_invocation_tokens"),
          Map.entry("ia3", "'peft_type' = \"IA3\" is not supported; supported: LORA"),
          Map.entry("init-loftq", "\"loftq\" changes the weights of the model"),
          Map.entry("init-olora", "\"olora\" changes the weights of the model"),
          Map.entry("init-pissa", "path_initial_model_for_weight_conversion"),
          Map.entry("layer-replication", "layer_replication"),
          Map.entry("lora-bias", "lora_bias"),
          Map.entry("megatron-set", "megatron_config"),
          Map.entry("mixtral-experts-old", "an expert or router of a mixture"),
          Map.entry("mixtral-router", "target_parameters"),
          Map.entry("mixtral-target-parameters", "target_parameters"),
          Map.entry("unknown-key-on", "'use_turbolora' = true is not supported"));

  /** Inert, and of the library. */
  private static final Set<String> NOT_WRITTEN = Set.of("target_parameters");

  private static JsonNode file() throws IOException {
    return JSON.readTree(FILE.toFile());
  }

  private static Stream<String> cases(boolean refused) throws IOException {
    return file().path("cases").findValuesAsText("name").stream()
        .filter(name -> REFUSED.containsKey(name) == refused);
  }

  static Stream<String> opened() throws IOException {
    return cases(false);
  }

  static Stream<String> refused() throws IOException {
    return cases(true);
  }

  private static JsonNode find(String name) throws IOException {
    for (JsonNode found : file().path("cases")) {
      if (found.path("name").asText().equals(name)) {
        return found;
      }
    }
    throw new IllegalArgumentException(name);
  }

  private static DecoderSpec base(JsonNode found) throws IOException {
    return ModelFamilies.parse(file().path("bases").path(found.path("base").asText()).toString());
  }

  private static AdapterConfig config(JsonNode found) {
    return AdapterConfig.parse(found.path("config").toString(), "folder");
  }

  @ParameterizedTest
  @MethodSource("opened")
  void peftSavesTheSameTensors(String name) throws IOException {
    JsonNode found = find(name);
    DecoderSpec spec = base(found);
    LoraSpec lora = LoraTargets.resolve(spec, config(found).lora(), 0);
    if (found.path("saved").isNull()) {
      assertThat(name).isEqualTo("saved-embeddings-resized"); // peft found out at the tensors
      return;
    }
    assertThat(saved(spec, lora)).isEqualTo(shapes(found.path("saved")));
  }

  private static Map<String, List<Long>> saved(DecoderSpec spec, LoraSpec lora) {
    Map<String, List<Long>> saved = new TreeMap<>();
    DecoderTensors tensors = new DecoderTensors(spec);
    for (TensorShape shape : RankModel.shapes(spec, tensors.modules(), lora)) {
      if (LoraSpec.isTrained(shape.name())) {
        saved.put(shape.name(), shape.shape());
      }
    }
    for (String module : tensors.modules()) {
      lora.savedCopies(module, tensors.of(module))
          .forEach((copy, shape) -> saved.put(copy, shape.shape()));
    }
    return saved;
  }

  private static Map<String, List<Long>> shapes(JsonNode recorded) {
    Map<String, List<Long>> shapes = new TreeMap<>();
    recorded
        .properties()
        .forEach(
            tensor -> {
              Stream.Builder<Long> sizes = Stream.builder();
              tensor.getValue().forEach(size -> sizes.add(size.asLong()));
              shapes.put(tensor.getKey(), sizes.build().toList());
            });
    return shapes;
  }

  @ParameterizedTest
  @MethodSource("opened")
  void configIsWrittenAsPeftWritesIt(String name) throws IOException {
    JsonNode found = find(name);
    AdapterConfig config = config(found);
    LoraSpec lora = LoraTargets.resolve(base(found), config.lora(), 0);
    String json = config.toJson(lora.modules());
    JsonNode written = JSON.readTree(json);
    found
        .path("saved_config")
        .properties()
        .forEach(
            key -> {
              if (!NOT_WRITTEN.contains(key.getKey())) {
                assertThat(plain(written.path(key.getKey())))
                    .as(key.getKey())
                    .isEqualTo(plain(key.getValue()));
              }
            });
    AdapterConfig again = AdapterConfig.parse(json, "folder");
    assertThat(LoraTargets.resolve(base(found), again.lora(), 0)).isEqualTo(lora);
    assertThat(again.toJson(lora.modules())).isEqualTo(json);
  }

  /** Peft writes lists of names in any order. */
  private static Object plain(JsonNode value) {
    if (!value.isArray()) {
      return value;
    }
    Set<JsonNode> elements = new HashSet<>();
    value.forEach(elements::add);
    return elements;
  }

  @ParameterizedTest
  @MethodSource("refused")
  void whatIsNotReadIsNamed(String name) throws IOException {
    JsonNode found = find(name);
    assertThat(found.path("expected").asText()).contains("refused");
    DecoderSpec spec = base(found);
    assertThatThrownBy(() -> LoraTargets.resolve(spec, config(found).lora(), 0))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(REFUSED.get(name))
        .message()
        .hasSizeLessThan(2000);
  }
}
