package dev.penstock.engine.inference;

import java.io.Serializable;

/**
 * How a text is continued.
 *
 * @param maxNewTokens tokens to add at most
 * @param temperature 0: always the likeliest token; else logits are divided by it and sampled
 * @param eosTokenId ends the text; -1: none
 * @param seed of the sampling
 */
public record GenerationConfig(int maxNewTokens, double temperature, int eosTokenId, long seed)
    implements Serializable {
  public GenerationConfig {
    if (maxNewTokens < 1 || temperature < 0) {
      throw new IllegalArgumentException(
          "maxNewTokens must be at least 1 and temperature not negative: %d, %s"
              .formatted(maxNewTokens, temperature));
    }
  }

  /** The likeliest continuation. */
  public static GenerationConfig greedy(int maxNewTokens, int eosTokenId) {
    return new GenerationConfig(maxNewTokens, 0, eosTokenId, 0);
  }
}
