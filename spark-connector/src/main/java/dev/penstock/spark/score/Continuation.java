package dev.penstock.spark.score;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.inference.GenerationConfig;
import dev.penstock.engine.inference.GenerationConfig.Sampling;
import java.io.Serializable;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a prompt is continued, before its tokens are known.
 *
 * @param maxNewTokens tokens to add at most; null: see {@code maxLength}
 * @param maxLength tokens of prompt and continuation at most; null as well: 20 are added
 * @param endTokenIds each of them ends the text; null: the tokenizer's end of text does
 * @param repetitionPenalty 1: none
 * @param sampling null: always the likeliest token
 */
public record Continuation(
    @Nullable Integer maxNewTokens,
    @Nullable Integer maxLength,
    @Nullable Set<Integer> endTokenIds,
    double repetitionPenalty,
    @Nullable Sampling sampling)
    implements Serializable {
  private static final int DEFAULT_NEW_TOKENS = 20;

  /** Checks what can be checked without the prompt. */
  public Continuation {
    new GenerationConfig(
        maxNewTokens == null ? DEFAULT_NEW_TOKENS : maxNewTokens,
        Set.of(),
        repetitionPenalty,
        sampling);
  }

  /** The same, drawing other tokens for other prompts. */
  Continuation seededBy(String prompt) {
    if (sampling == null) {
      return this;
    }
    long seed = 31 * sampling.seed() + prompt.hashCode();
    return new Continuation(
        maxNewTokens,
        maxLength,
        endTokenIds,
        repetitionPenalty,
        new Sampling(sampling.temperature(), sampling.topK(), sampling.topP(), seed));
  }

  /**
   * The same for a prompt.
   *
   * @param promptTokens length of the prompt
   * @param ends what ends the text
   */
  GenerationConfig of(int promptTokens, Set<Integer> ends) {
    int newTokens = DEFAULT_NEW_TOKENS;
    if (maxNewTokens != null) {
      newTokens = maxNewTokens;
    } else if (maxLength != null) {
      newTokens = maxLength - promptTokens;
      if (newTokens < 1) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "The prompt has %d tokens, but max_length in the model's generation_config.json is"
                    + " %d. Set maxNewTokens.",
                promptTokens,
                maxLength));
      }
    }
    return new GenerationConfig(newTokens, ends, repetitionPenalty, sampling);
  }
}
