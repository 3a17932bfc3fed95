package dev.penstock.engine.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.SafetensorsException;
import dev.penstock.engine.safetensors.SafetensorsWriter;
import dev.penstock.engine.safetensors.TensorInfo;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A model whose files are changed in ways that must not, or must, change what it computes. */
class StrangeFoldersTest {
  private static final Path MODELS = Path.of("src/test/resources/hf");
  private static final String TIED = "qwen2-window";
  private static final String HEAD = "lm_head.weight";
  private static final String EMBEDDING = "model.embed_tokens.weight";
  private static final int[][] ROWS = {{5, 7, 11, 13, 17}};

  private record Stored(DType dtype, List<Long> shape, byte[] bytes) {}

  @TempDir Path folder;
  private LocalFolder store;
  private String config;
  private final Map<String, Stored> tensors = new TreeMap<>();

  @BeforeEach
  void readModel() throws IOException {
    store = new LocalFolder(folder);
    LocalFolder model = new LocalFolder(MODELS.resolve(TIED));
    config = new String(read(model, "config.json"), StandardCharsets.UTF_8);
    try (ModelWeights weights = ModelWeights.open(model)) {
      for (String name : weights.names()) {
        ByteBuffer bytes = ByteBuffer.allocate((int) weights.entry(name).byteLength());
        weights.read(name, bytes);
        tensors.put(
            name,
            new Stored(weights.entry(name).dtype(), weights.entry(name).shape(), bytes.array()));
      }
    }
  }

  private static byte[] read(LocalFolder model, String file) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) model.length(file));
    try (var channel = model.open(file)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
    }
    return bytes.array();
  }

  private CausalLM load() throws IOException {
    store.write("config.json", config.getBytes(StandardCharsets.UTF_8));
    List<TensorInfo> infos =
        tensors.entrySet().stream()
            .map(e -> new TensorInfo(e.getKey(), e.getValue().dtype(), e.getValue().shape()))
            .toList();
    try (FileOutput out = store.create(ModelWeights.SINGLE_FILE)) {
      SafetensorsWriter writer =
          new SafetensorsWriter(out, ModelWeights.SINGLE_FILE, infos, Map.of());
      for (TensorInfo info : infos) {
        writer.write(info.name(), ByteBuffer.wrap(tensors.get(info.name()).bytes()));
      }
      writer.finish();
      out.commit();
    }
    return CausalLM.load(store, "cpu");
  }

  private float[] logits() throws IOException {
    try (CausalLM model = load()) {
      return model.logits(ROWS);
    }
  }

  private static float[] originalLogits() throws IOException {
    try (CausalLM model = CausalLM.load(new LocalFolder(MODELS.resolve(TIED)), "cpu")) {
      return model.logits(ROWS);
    }
  }

  private List<String> warnings() throws IOException {
    try (CausalLM model = load()) {
      return model.warnings();
    }
  }

  private void rename(UnaryOperator<String> newName) {
    Map<String, Stored> renamed = new TreeMap<>();
    tensors.forEach((name, tensor) -> renamed.put(newName.apply(name), tensor));
    tensors.clear();
    tensors.putAll(renamed);
  }

  /** A head of its own, equal to the embedding but for the float at one place. */
  private void addHead(int index, float value) {
    Stored embedding = tensors.get(EMBEDDING);
    byte[] bytes = embedding.bytes().clone();
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(index * Float.BYTES, value);
    tensors.put(HEAD, new Stored(embedding.dtype(), embedding.shape(), bytes));
  }

  private float embeddingAt(int index) {
    return ByteBuffer.wrap(tensors.get(EMBEDDING).bytes())
        .order(ByteOrder.LITTLE_ENDIAN)
        .getFloat(index * Float.BYTES);
  }

  private void setEmbedding(int index, float value) {
    ByteBuffer.wrap(tensors.get(EMBEDDING).bytes())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putFloat(index * Float.BYTES, value);
  }

  @Test
  void namesWithoutThatOfTheInnerModelAreTheSameModel() throws IOException {
    rename(name -> name.replaceFirst("^model\\.", ""));
    assertThat(logits()).isEqualTo(originalLogits());
    assertThat(warnings()).isEmpty();
  }

  @Test
  void tiedEmbeddingThatLiesThereAsTheHeadIsBoth() throws IOException {
    rename(name -> name.equals(EMBEDDING) ? HEAD : name);
    assertThat(logits()).isEqualTo(originalLogits());
  }

  @Test
  void leftOverTensorsAreNamedAndChangeNothing() throws IOException {
    tensors.put("v_head.summary.weight", new Stored(DType.F32, List.of(1L), new byte[4]));
    tensors.put("model.causal_mask", new Stored(DType.BOOL, List.of(0L, 7L), new byte[0]));
    assertThat(logits()).isEqualTo(originalLogits());
    assertThat(warnings())
        .singleElement(STRING)
        .contains("model.causal_mask, v_head.summary.weight");
  }

  @Test
  void configAsPythonWritesItIsRead() throws IOException {
    config =
        "\uFEFF"
            + config.replaceFirst(
                "\\{",
                "{\"best\": NaN, \"limit\": [0.0, Infinity], \"least\": -Infinity,"
                    + " \"bound\": {\"__float__\": \"Infinity\"},");
    assertThat(logits()).isEqualTo(originalLogits());
  }

  @Test
  void headThatIsTheEmbeddingIsTiedAndNothingIsSaid() throws IOException {
    addHead(0, embeddingAt(0));
    assertThat(logits()).isEqualTo(originalLogits());
    assertThat(warnings()).isEmpty();
  }

  @Test
  void headOfItsOwnCountsIfOneNumberDiffers() throws IOException {
    addHead(5, Math.nextUp(embeddingAt(5)));
    assertThat(warnings()).hasSize(1);
    addHead(5, embeddingAt(5) + 1);
    assertThat(warnings()).singleElement(STRING).contains(HEAD + " differs from " + EMBEDDING);
    float[] own = logits();
    config = config.replace("\"tie_word_embeddings\": true", "\"tie_word_embeddings\": false");
    assertThat(logits()).isEqualTo(own).isNotEqualTo(originalLogits());
    assertThat(warnings()).isEmpty();
  }

  /** They are equal numbers, whatever their bits. */
  @Test
  void zeroAndMinusZeroAreTied() throws IOException {
    setEmbedding(3, 0f);
    addHead(3, -0f);
    assertThat(warnings()).isEmpty();
  }

  @Test
  void headIsComparedAsItIsLoaded() throws IOException {
    Stored embedding = tensors.get(EMBEDDING);
    ByteBuffer wide = ByteBuffer.allocate(embedding.bytes().length * 2);
    wide.order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer narrow = ByteBuffer.wrap(embedding.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    while (narrow.hasRemaining()) {
      wide.putDouble(narrow.getFloat() * (1 + 1e-12));
    }
    tensors.put(HEAD, new Stored(DType.F64, embedding.shape(), wide.array()));
    assertThat(warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void weightThatIsNotFiniteIsNamed(float value) {
    setEmbedding(9, value);
    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(EMBEDDING + " (1)");
  }

  @Test
  void misshapenHeadOfATiedModelIsRefused() {
    tensors.put(HEAD, new Stored(DType.F32, List.of(1L), new byte[4]));
    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("misshapen: lm_head.weight is [1]");
  }

  @Test
  void missingTensorsAreNamed() {
    tensors.remove("model.norm.weight");
    tensors.remove("model.layers.0.mlp.up_proj.weight");
    assertThatThrownBy(this::load)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("missing: model.norm.weight")
        .hasMessageContaining("missing: model.layers.0.mlp.up_proj.weight");
  }

  @Test
  void hugeNameDoesNotMakeAHugeMessage() throws IOException {
    tensors.put("x".repeat(40_000), new Stored(DType.F32, List.of(1L), new byte[4]));
    assertThat(warnings()).singleElement(STRING).hasSizeLessThan(1000);
  }

  @Test
  void fileThatIsNoneIsRefused() throws IOException {
    load().close();
    store.write(ModelWeights.SINGLE_FILE, new byte[20]);
    assertThatThrownBy(() -> CausalLM.load(store, "cpu")).isInstanceOf(SafetensorsException.class);
  }
}
