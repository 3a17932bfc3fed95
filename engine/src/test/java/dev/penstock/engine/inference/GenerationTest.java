package dev.penstock.engine.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.inference.GenerationConfig.Sampling;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class GenerationTest {
  private static final Path MODELS = Path.of("src/test/resources/hf");
  private static final Set<Integer> NO_END = Set.of();

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

  private static GenerationConfig sampled(int topK, double topP, long seed) {
    return new GenerationConfig(12, NO_END, 1, new Sampling(1.0, topK, topP, seed));
  }

  @Test
  void samplingRepeatsItselfByItsSeedAndAmongOneTokenIsGreedy() throws IOException {
    int[] prompt = {5, 7, 11};
    GenerationConfig sampled = sampled(0, 0.9, 3);
    assertThat(generate("llama", prompt, sampled)).isEqualTo(generate("llama", prompt, sampled));
    assertThat(generate("llama", prompt, sampled))
        .isNotEqualTo(generate("llama", prompt, sampled(0, 0.9, 4)));
    int[] greedy = generate("llama", prompt, GenerationConfig.greedy(12, NO_END));
    assertThat(generate("llama", prompt, sampled(1, 1, 3))).isEqualTo(greedy);
    assertThat(generate("llama", prompt, sampled(0, 1e-9, 3))).isEqualTo(greedy);
  }

  @Test
  void anyEndTokenEndsTheTextAndIsItsLast() throws IOException {
    int[] prompt = {5, 7, 11};
    int[] free = generate("llama", prompt, GenerationConfig.greedy(12, NO_END));
    int first =
        IntStream.range(0, free.length).filter(i -> free[i] == free[4]).findFirst().orElse(-1);

    int[] ended = generate("llama", prompt, GenerationConfig.greedy(12, Set.of(free[4], 4_000)));

    assertThat(ended).isEqualTo(Arrays.copyOf(free, first + 1));
  }

  @Test
  void aPenaltyForbidsRepetitions() throws IOException {
    int[] prompt = {5, 7, 11};
    int[] tokens = generate("llama", prompt, new GenerationConfig(30, NO_END, 1e6, null));
    assertThat(IntStream.concat(Arrays.stream(prompt), Arrays.stream(tokens)).toArray())
        .doesNotHaveDuplicates();
  }

  @Test
  void theTextEndsWithTheLastPosition() throws IOException {
    try (CausalLM lm = CausalLM.load(new LocalFolder(MODELS.resolve("llama")), "cpu")) {
      int positions = lm.spec().maxPositions();
      int[] prompt = {5, 7, 11};
      assertThat(lm.generate(prompt, GenerationConfig.greedy(Integer.MAX_VALUE, NO_END)))
          .hasSize(positions - prompt.length);
      int[] tooLong = new int[positions];
      assertThatThrownBy(() -> lm.generate(tooLong, GenerationConfig.greedy(1, NO_END)))
          .hasMessageContaining(
              String.format(
                  Locale.ROOT,
                  "The prompt has %d tokens, but the model has positions for %d",
                  positions,
                  positions));
    }
  }

  @Test
  void optionsThatCannotWorkAreRefused() {
    assertThatThrownBy(() -> sampled(0, 0, 1)).hasMessageContaining("topP must be above 0");
    assertThatThrownBy(() -> new Sampling(Double.NaN, 0, 1, 0))
        .hasMessageContaining("temperature must be above 0 and finite, but is NaN");
    assertThatThrownBy(() -> new GenerationConfig(1, NO_END, 0, null))
        .hasMessageContaining("repetitionPenalty must be above 0");
    assertThatThrownBy(() -> GenerationConfig.greedy(0, NO_END))
        .hasMessageContaining("maxNewTokens must be at least 1, but is 0");
    assertThatThrownBy(() -> generate("llama", new int[0], GenerationConfig.greedy(1, NO_END)))
        .hasMessageContaining("The prompt has no tokens");
  }
}
