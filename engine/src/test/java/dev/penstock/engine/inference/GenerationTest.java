package dev.penstock.engine.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GenerationTest {
  private static final Path MODELS = Path.of("src/test/resources/hf");
  private static final int NO_END = -1;

  static List<Arguments> recorded() throws IOException {
    JsonNode all =
        new ObjectMapper().readTree(GenerationTest.class.getResource("/generation/greedy.json"));
    List<Arguments> arguments = new ArrayList<>();
    all.fields()
        .forEachRemaining(
            entry ->
                arguments.add(
                    Arguments.of(
                        entry.getKey(),
                        ints(entry.getValue().path("prompt")),
                        ints(entry.getValue().path("tokens")))));
    return arguments;
  }

  private static int[] ints(JsonNode array) {
    int[] values = new int[array.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = array.get(i).asInt();
    }
    return values;
  }

  private static int[] generate(String model, int[] prompt, GenerationConfig config)
      throws IOException {
    try (CausalLM lm = CausalLM.load(new LocalFolder(MODELS.resolve(model)), "cpu")) {
      return lm.generate(prompt, config);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("recorded")
  void greedyTokensAreThoseOfTransformers(String model, int[] prompt, int[] tokens)
      throws IOException {
    assertThat(generate(model, prompt, GenerationConfig.greedy(tokens.length, NO_END)))
        .containsExactly(tokens);
  }

  @Test
  void samplingRepeatsItselfByItsSeedAndAmongOneTokenIsGreedy() throws IOException {
    int[] prompt = {5, 7, 11};
    GenerationConfig sampled = new GenerationConfig(12, 1.0, 0, 0.9, NO_END, 3);
    assertThat(generate("llama", prompt, sampled)).isEqualTo(generate("llama", prompt, sampled));
    assertThat(generate("llama", prompt, sampled))
        .isNotEqualTo(generate("llama", prompt, new GenerationConfig(12, 1.0, 0, 0.9, NO_END, 4)));
    assertThat(generate("llama", prompt, new GenerationConfig(12, 1.0, 1, 1, NO_END, 3)))
        .isEqualTo(generate("llama", prompt, GenerationConfig.greedy(12, NO_END)));
    assertThat(generate("llama", prompt, new GenerationConfig(12, 1.0, 0, 1e-9, NO_END, 3)))
        .isEqualTo(generate("llama", prompt, GenerationConfig.greedy(12, NO_END)));
  }

  @Test
  void endTokenEndsTheText() throws IOException {
    int[] prompt = {5, 7, 11};
    int[] free = generate("llama", prompt, GenerationConfig.greedy(12, NO_END));
    int[] ended = generate("llama", prompt, GenerationConfig.greedy(12, free[4]));
    assertThat(ended.length).isLessThanOrEqualTo(4);
    assertThat(free).startsWith(ended);
  }

  @Test
  void optionsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> new GenerationConfig(1, 1, 0, 0, NO_END, 0))
        .hasMessageContaining("topP must be above 0");
    assertThatThrownBy(() -> generate("llama", new int[0], GenerationConfig.greedy(1, NO_END)))
        .hasMessageContaining("The prompt has no tokens");
  }
}
