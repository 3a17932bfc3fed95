package dev.penstock.engine.inference;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Chooses the next token from logits as transformers does: temperature, then top-k, then top-p
 * (nucleus sampling, Holtzman et al. 2020, arXiv:1904.09751).
 */
final class TokenSampler {
  private final GenerationConfig config;
  private final Random random;

  TokenSampler(GenerationConfig config) {
    this.config = config;
    random = new Random(config.seed());
  }

  int choose(float[] logits) {
    if (config.temperature() == 0) {
      return likeliest(logits);
    }
    int[] candidates =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer token) -> -logits[token]))
            .limit(config.topK() == 0 ? logits.length : config.topK())
            .mapToInt(Integer::intValue)
            .toArray();
    double[] weights =
        Arrays.stream(candidates)
            .mapToDouble(
                token -> Math.exp((logits[token] - logits[candidates[0]]) / config.temperature()))
            .toArray();
    int kept = nucleus(weights);
    double remaining = random.nextDouble() * Arrays.stream(weights, 0, kept).sum();
    for (int i = 0; i < kept; i++) {
      remaining -= weights[i];
      if (remaining < 0) {
        return candidates[i];
      }
    }
    return candidates[0];
  }

  private static int likeliest(float[] logits) {
    int best = 0;
    for (int token = 1; token < logits.length; token++) {
      if (logits[token] > logits[best]) {
        best = token;
      }
    }
    return best;
  }

  /** How many of the descending weights reach the wanted share; at least one. */
  private int nucleus(double[] weights) {
    double wanted = config.topP() * Arrays.stream(weights).sum();
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i];
      if (sum >= wanted) {
        return i + 1;
      }
    }
    return weights.length;
  }
}
