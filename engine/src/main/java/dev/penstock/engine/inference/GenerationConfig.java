package dev.penstock.engine.inference;

import java.io.Serializable;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a text is continued; the options are transformers'.
 *
 * @param maxNewTokens tokens to add at most
 * @param endTokenIds each of them ends the text
 * @param repetitionPenalty above 1: tokens that the text already has become less likely, the
 *     prompt's too; 1: they do not
 * @param sampling how tokens are drawn; null: always the likeliest
 */
public record GenerationConfig(
    int maxNewTokens,
    Set<Integer> endTokenIds,
    double repetitionPenalty,
    @Nullable Sampling sampling)
    implements Serializable {
  /** No effect of what the text already has. */
  public static final double NO_PENALTY = 1;

  public GenerationConfig {
    check(maxNewTokens >= 1, "maxNewTokens must be at least 1, but is %d.", maxNewTokens);
    check(
        repetitionPenalty > 0 && Double.isFinite(repetitionPenalty),
        "repetitionPenalty must be above 0 and finite, but is %s.",
        repetitionPenalty);
    endTokenIds = Set.copyOf(endTokenIds);
  }

  /**
   * How tokens are drawn.
   *
   * @param temperature logits are divided by it
   * @param topK among so many likeliest tokens; 0: among all
   * @param topP among the likeliest tokens that together reach this probability; 1: among all
   * @param seed of the drawing
   */
  public record Sampling(double temperature, int topK, double topP, long seed)
      implements Serializable {
    public Sampling {
      check(
          temperature > 0 && Double.isFinite(temperature),
          "temperature must be above 0 and finite, but is %s.",
          temperature);
      check(topK >= 0, "topK must not be negative (0 is no limit), but is %d.", topK);
      check(topP > 0 && topP <= 1, "topP must be above 0 and at most 1, but is %s.", topP);
    }
  }

  private static void check(boolean condition, String format, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, value));
    }
  }

  /** The likeliest continuation. */
  public static GenerationConfig greedy(int maxNewTokens, Set<Integer> endTokenIds) {
    return new GenerationConfig(maxNewTokens, endTokenIds, NO_PENALTY, null);
  }
}
