package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.torch.Processor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In bfloat16 no model is farther from float32 than transformers' is in bfloat16, by a small factor
 * for the luck of single elements. On processors that have no products in it, a run is refused.
 */
class Bfloat16ParityTest {
  private static final Path RESOURCES = Path.of("src/test/resources");
  private static final double LUCK = 2;

  /** Of a loss of about 5, whose logits have 8 bits. */
  private static final double LEAST_LOSS = 2e-4;

  /** Of an expert's gradient, where rounding sends a token to another one. */
  private static final double REROUTED = 1;

  /** Gradients of adapters are those of their weights summed up again, and nearly cancel out. */
  private static final double ADAPTER_GRADIENT = 0.25;

  private static final double ADAPTER_CURVE = 2e-3;

  private static final List<String> SCHEDULES =
      List.of("1f1b", "zbvzerobubble", "gpipe", "interleaved1f1b");

  @BeforeAll
  static void onlyWhereThereAreProducts() {
    assumeTrue(Processor.ofThisMachine().multipliesBfloat16());
  }

  private static JsonNode distances() throws IOException {
    return new ObjectMapper().readTree(RESOURCES.resolve("bfloat16/distances.json").toFile());
  }

  static Stream<String> models() throws IOException {
    return Stream.iterate(distances().fieldNames(), names -> names.hasNext(), names -> names)
        .map(names -> names.next());
  }

  private static boolean hasExperts(String name) {
    return name.contains("moe") || name.contains("mixtral");
  }

  private static ParityReport inBfloat16(Path model, Path adapter, int ppSize, String schedule)
      throws IOException {
    return new ParityCheck(
            model, adapter, ppSize, ScheduleConfig.named(schedule), 4, Precision.BFLOAT16)
        .run();
  }

  @ParameterizedTest
  @MethodSource("models")
  void modelsAreAsNearToFloat32AsThoseOfTransformers(String name) throws IOException {
    JsonNode theirs = distances().get(name);
    String schedule = SCHEDULES.get(Math.floorMod(name.hashCode(), SCHEDULES.size()));
    ParityReport ours = inBfloat16(RESOURCES.resolve("hf").resolve(name), null, 2, schedule);
    assertThat(ours.logits()).isPositive().isLessThan(LUCK * theirs.get("logits").asDouble());
    assertThat(ours.gradient())
        .as(ours.worstParameter())
        .isLessThan(hasExperts(name) ? REROUTED : LUCK * theirs.get("gradient").asDouble());
    assertThat(ours.loss()).isLessThan(LUCK * theirs.get("loss").asDouble() + LEAST_LOSS);
    assertThat(ours.curve()).isLessThan(LUCK * theirs.get("curve").asDouble() + LEAST_LOSS);
  }

  @ParameterizedTest
  @CsvSource({
    "hf/llama, llama",
    "base-llama, dora",
    "base-llama, patterns-and-rslora",
    "base-llama-tied, embedding-tied",
    "base-llama-tied, modules-to-save-tied",
    "base-llama, head"
  })
  void adaptersTrain(String base, String adapter) throws IOException {
    Path folder = RESOURCES.resolve(base.startsWith("hf") ? base : "peft/" + base);
    ParityReport ours = inBfloat16(folder, RESOURCES.resolve("peft").resolve(adapter), 2, "1f1b");
    assertThat(ours.gradient()).as(ours.worstParameter()).isLessThan(ADAPTER_GRADIENT);
    assertThat(ours.curve()).isPositive().isLessThan(ADAPTER_CURVE);
  }
}
