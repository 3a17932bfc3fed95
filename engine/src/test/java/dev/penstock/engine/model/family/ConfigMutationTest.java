package dev.penstock.engine.model.family;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.engine.model.DecoderSpec;
import dev.penstock.engine.model.LayerSpec;
import dev.penstock.engine.model.rope.RopeSpec;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever stands in a config: it is refused in few words, or every number of it can be. */
class ConfigMutationTest {
  private static final Path MODELS = Path.of("src/test/resources/hf");
  private static final int PAIRS = 100;
  private static final long SEED = 7;
  private static final double LARGEST = 1e18;
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final List<Object> VALUES =
      List.of(
          0,
          1,
          -1,
          3,
          Integer.MAX_VALUE,
          Integer.MIN_VALUE,
          Long.MAX_VALUE,
          0.0,
          -0.0,
          0.5,
          1.5,
          1e-320,
          1e308,
          -1e308,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          Double.NaN,
          true,
          false,
          "",
          "yarn",
          "x".repeat(9_000),
          List.of(),
          Collections.nCopies(999, 1e300),
          Map.of("x".repeat(9_000), 1));

  static List<Path> configs() throws IOException {
    try (Stream<Path> folders = Files.list(MODELS)) {
      return folders
          .map(folder -> folder.resolve("config.json"))
          .filter(Files::exists)
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("configs")
  void everyValueOfEveryKeyIsRefusedOrPossible(Path config) throws IOException {
    ObjectNode original = (ObjectNode) JSON.readTree(Files.readString(config));
    int accepted = 0;
    for (List<String> key : keys(original)) {
      for (Object value : VALUES) {
        ObjectNode changed = original.deepCopy();
        set(changed, key, value);
        accepted += check(changed) ? 1 : 0;
      }
      ObjectNode without = original.deepCopy();
      ((ObjectNode) parent(without, key)).remove(key.get(key.size() - 1));
      accepted += check(without) ? 1 : 0;
    }
    assertThat(accepted).isPositive();
  }

  @ParameterizedTest
  @MethodSource("configs")
  void valuesThatArePossibleAloneArePossibleTogether(Path config) throws IOException {
    ObjectNode original = (ObjectNode) JSON.readTree(Files.readString(config));
    List<List<String>> keys = keys(original);
    Random random = new Random(SEED);
    for (int i = 0; i < PAIRS; i++) {
      ObjectNode changed = original.deepCopy();
      for (int change = 0; change < 2; change++) {
        set(
            changed,
            keys.get(random.nextInt(keys.size())),
            VALUES.get(random.nextInt(VALUES.size())));
      }
      check(changed);
    }
  }

  /** Sizes at the end of their domains: possible one by one, too much together. */
  @Test
  void productsThatOverflowAreRefused() {
    String json =
        """
        {"model_type": "mixtral", "vocab_size": 134217728, "hidden_size": 1048576,
         "intermediate_size": 16777216, "num_hidden_layers": 10000, "num_attention_heads": 65536,
         "num_key_value_heads": 65536, "head_dim": 65536, "num_local_experts": 16384}
        """;
    assertThat(refusal(json)).contains("the sizes multiply to about");
  }

  private static List<List<String>> keys(ObjectNode config) {
    List<List<String>> keys = new ArrayList<>();
    config
        .fields()
        .forEachRemaining(
            field -> {
              keys.add(List.of(field.getKey()));
              if (field.getValue() instanceof ObjectNode inner) {
                inner
                    .fieldNames()
                    .forEachRemaining(name -> keys.add(List.of(field.getKey(), name)));
              }
            });
    return keys;
  }

  private static JsonNode parent(ObjectNode config, List<String> key) {
    return key.size() == 1 ? config : config.path(key.get(0));
  }

  private static void set(ObjectNode config, List<String> key, Object value) {
    if (parent(config, key) instanceof ObjectNode parent) {
      parent.set(key.get(key.size() - 1), JSON.valueToTree(value));
    }
  }

  /** Whether it was accepted. */
  private static boolean check(ObjectNode config) {
    String json = HubJson.pretty(config);
    String refusal = refusal(json);
    if (refusal != null) {
      assertThat(refusal.getBytes(StandardCharsets.UTF_8).length)
          .isLessThanOrEqualTo(Quoted.MAX_MESSAGE_BYTES);
    }
    return refusal == null;
  }

  private static String refusal(String json) {
    try {
      checkPossible(ModelFamilies.parse(json));
      return null;
    } catch (ConfigException e) {
      return e.getMessage();
    }
  }

  private static void checkPossible(DecoderSpec spec) {
    assertThat(spec.norm().eps()).isBetween(0.0, 1.0);
    assertThat(spec.initializerRange()).isNotNegative();
    assertThat(spec.logitSoftcap()).isNotNegative();
    assertThat(spec.attention().softcap()).isNotNegative();
    assertThat(spec.attention().scale()).isPositive();
    assertThat(spec.embeddingScale()).isPositive();
    assertThat(spec.residualScale()).isPositive();
    assertThat(spec.logitScale()).isPositive();
    assertThat((long) spec.attention().numHeads() * spec.attention().headDim())
        .isLessThanOrEqualTo(Integer.MAX_VALUE);
    for (LayerSpec layer : new HashSet<>(spec.layers())) {
      checkNumbers(layer);
      RopeSpec rope = layer.rope();
      if (rope != null) {
        assertThat(rope.theta()).isPositive();
        assertThat(rope.rotaryDim()).isBetween(2, spec.attention().headDim());
        assertThat(rope.attentionFactor()).isPositive();
        for (float frequency : rope.inverseFrequencies(1)) {
          assertThat(frequency).isFinite().isNotNegative();
        }
      }
    }
    checkNumbers(spec);
  }

  /** Every number of a record, and of the records in it. */
  private static void checkNumbers(Object value) {
    if (value instanceof Double number) {
      assertThat(number).isFinite().isBetween(-LARGEST, LARGEST);
    } else if (value instanceof Integer number) {
      assertThat(number).isGreaterThanOrEqualTo(-1);
    } else if (value instanceof List<?> list) {
      new HashSet<>(list).forEach(ConfigMutationTest::checkNumbers);
    } else if (value instanceof Record) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        try {
          component.getAccessor().setAccessible(true);
          checkNumbers(component.getAccessor().invoke(value));
        } catch (ReflectiveOperationException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }
}
