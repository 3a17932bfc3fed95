package dev.penstock.engine.inference;

import java.io.Serializable;

/**
 * How a text is continued; the sampling options are transformers'.
 *
 * @param maxNewTokens tokens to add at most
 * @param temperature 0: always the likeliest token; else logits are divided by it and sampled
 * @param topK sample among so many likeliest tokens; 0: among all
 * @param topP sample among the likeliest tokens that together reach this probability; 1: among all
 * @param eosTokenId ends the text; -1: none
 * @param seed of the sampling
 */
public record GenerationConfig(
    int maxNewTokens, double temperature, int topK, double topP, int eosTokenId, long seed)
    implements Serializable {
  public GenerationConfig {
    check(maxNewTokens >= 1, "maxNewTokens must be at least 1, but is %d.", maxNewTokens);
    check(temperature >= 0, "temperature must not be negative, but is %s.", temperature);
    check(topK >= 0, "topK must not be negative (0 is no limit), but is %d.", topK);
    check(topP > 0 && topP <= 1, "topP must be above 0 and at most 1, but is %s.", topP);
  }

  private static void check(boolean condition, String format, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(format.formatted(value));
    }
  }

  /** The likeliest continuation. */
  public static GenerationConfig greedy(int maxNewTokens, int eosTokenId) {
    return new GenerationConfig(maxNewTokens, 0, 0, 1, eosTokenId, 0);
  }
}
