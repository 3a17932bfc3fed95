package dev.penstock.engine.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.inference.GenerationConfig.Sampling;
import dev.penstock.engine.torch.HostTensors;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokenSamplerTest {
  private static final int VOCAB = 1_000;

  private static GenerationConfig config(double penalty, @Nullable Sampling sampling) {
    return new GenerationConfig(1, Set.of(), penalty, sampling);
  }

  private static int choose(TokenSampler sampler, float[] logits, int... text) {
    try (PointerScope scope = new PointerScope();
        TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      Tensor tensor = HostTensors.attach(HostTensors.ofFloats(logits, options, logits.length));
      return sampler.choose(tensor, IntStream.of(text));
    }
  }

  /** The whole vocabulary sorted, and then drawn from. */
  private static int sortedAndDrawn(float[] logits, Sampling sampling, Random random) {
    List<Integer> tokens =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble(token -> -logits[token]))
            .limit(sampling.topK() == 0 ? logits.length : sampling.topK())
            .toList();
    double[] weights =
        tokens.stream()
            .mapToDouble(
                token -> Math.exp((logits[token] - logits[tokens.get(0)]) / sampling.temperature()))
            .toArray();
    int kept = 0;
    double sum = 0;
    double wanted = sampling.topP() * Arrays.stream(weights).sum();
    while (kept < weights.length && (kept == 0 || sum < wanted)) {
      sum += weights[kept++];
    }
    double left = random.nextDouble() * sum;
    for (int i = 0; i < kept; i++) {
      left -= weights[i];
      if (left < 0) {
        return tokens.get(i);
      }
    }
    return tokens.get(0);
  }

  @ParameterizedTest
  @CsvSource({
    "0.8, 50, 0.9",
    "1.0, 0, 1.0",
    "3.0, 0, 1.0",
    "1.0, 0, 0.5",
    "5.0, 0, 0.999",
    "0.1, 3, 1.0",
    "1.0, 1000, 0.8",
    "2.0, 5000, 1.0",
    "1.0, 257, 0.7"
  })
  void tokensAreThoseOfSortingTheWholeVocabulary(double temperature, int topK, double topP) {
    Sampling sampling = new Sampling(temperature, topK, topP, 7);
    TokenSampler sampler = new TokenSampler(config(1, sampling), "cpu");
    Random random = new Random(7);
    Random values = new Random(1);
    for (int step = 0; step < 200; step++) {
      float[] logits = new float[VOCAB];
      for (int i = 0; i < VOCAB; i++) {
        logits[i] = Math.round(values.nextGaussian() * 20) / 10f; // many are equal
      }
      assertThat(choose(sampler, logits)).isEqualTo(sortedAndDrawn(logits, sampling, random));
    }
  }

  /** One far away, many together, and what a model forbids: all but one fall into one bucket. */
  @Test
  void outliersDoNotMatter() {
    Sampling sampling = new Sampling(1, 0, 1, 7);
    TokenSampler sampler = new TokenSampler(config(1, sampling), "cpu");
    Random random = new Random(7);
    float[] logits = new float[VOCAB];
    for (int i = 0; i < VOCAB; i++) {
      logits[i] = i % 7 / 8f;
    }
    logits[3] = Float.NEGATIVE_INFINITY;
    logits[4] = -Float.MAX_VALUE;
    for (int step = 0; step < 200; step++) {
      assertThat(choose(sampler, logits)).isEqualTo(sortedAndDrawn(logits, sampling, random));
    }
  }

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    TokenSampler greedy = new TokenSampler(config(1, null), "cpu");
    assertThat(choose(greedy, new float[] {0, 3, 1, 3})).isEqualTo(1);
  }

  /** As transformers has it: divided if positive, multiplied if negative. */
  @Test
  void thePenaltyIsTransformers() {
    float[] logits = {2f, 1.5f, -1f};
    assertThat(choose(new TokenSampler(config(1.3, null), "cpu"), logits, 0)).isEqualTo(0);
    assertThat(choose(new TokenSampler(config(1.4, null), "cpu"), logits, 0, 0)).isEqualTo(1);
    float[] negative = {-1f, -1.5f, -9f};
    assertThat(choose(new TokenSampler(config(1.4, null), "cpu"), negative, 0)).isEqualTo(0);
    assertThat(choose(new TokenSampler(config(1.6, null), "cpu"), negative, 0)).isEqualTo(1);
  }

  @Test
  void logitsThatAreNoNumberAreAnError() {
    TokenSampler greedy = new TokenSampler(config(1, null), "cpu");
    assertThatThrownBy(() -> choose(greedy, new float[] {1, Float.NaN}))
        .hasMessageContaining("its largest logit is NaN");
  }
}
