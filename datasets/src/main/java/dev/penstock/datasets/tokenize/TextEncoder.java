package dev.penstock.datasets.tokenize;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.util.Arrays;
import java.util.Locale;

/**
 * Texts to the ids that a model is trained on and scores. What the tokenizer puts around a text is
 * not put there twice: a text that spells out the token that it would begin or end with keeps its
 * own. An id that the model has no row for is refused where it occurs, so a tokenizer may know more
 * tokens than the model as long as nobody uses them.
 *
 * <p>Safe for use by several threads. The tokenizer stays the caller's.
 */
public final class TextEncoder {
  private static final int SHOWN_CHARS = 80;
  private static final String PROBE = "a";

  private final TextTokenizer tokenizer;
  private final SpecialTokens specialTokens;
  private final int vocabSize;
  private final int[] before;
  private final int[] behind;

  /**
   * An encoder.
   *
   * @param specialTokens whether the tokenizer puts its own around a text
   * @param vocabSize the model's: all ids must be below
   */
  public TextEncoder(TextTokenizer tokenizer, SpecialTokens specialTokens, int vocabSize) {
    this.tokenizer = requireNonNull(tokenizer, "tokenizer is null");
    this.specialTokens = requireNonNull(specialTokens, "specialTokens is null");
    this.vocabSize = vocabSize;
    int[] bare = tokenizer.encode(PROBE, SpecialTokens.EXCLUDED);
    int[] whole = tokenizer.encode(PROBE, specialTokens);
    int begin = 0;
    while (begin + bare.length < whole.length
        && !Arrays.equals(whole, begin, begin + bare.length, bare, 0, bare.length)) {
      begin++;
    }
    this.before = Arrays.copyOf(whole, begin);
    this.behind = Arrays.copyOfRange(whole, begin + bare.length, whole.length);
  }

  /**
   * The ids of a text.
   *
   * @throws DatasetException if one is beyond the model's vocabulary
   */
  public int[] encode(String text) {
    int[] ids = tokenizer.encode(text, specialTokens);
    int begin = 0;
    int end = ids.length;
    if (isAt(before, ids, before.length, end - behind.length)) {
      begin = before.length;
    }
    if (isAt(behind, ids, end - 2 * behind.length, end) && end - 2 * behind.length >= begin) {
      end -= behind.length;
    }
    check(ids, begin, end, text);
    return begin == 0 && end == ids.length ? ids : Arrays.copyOfRange(ids, begin, end);
  }

  /** Whether the text itself has these tokens there. */
  private static boolean isAt(int[] tokens, int[] ids, int from, int limit) {
    return tokens.length > 0
        && from >= 0
        && from + tokens.length <= limit
        && Arrays.equals(ids, from, from + tokens.length, tokens, 0, tokens.length);
  }

  private void check(int[] ids, int begin, int end, String text) {
    for (int i = begin; i < end; i++) {
      if (ids[i] >= vocabSize) {
        String token = tokenizer.decode(new int[] {ids[i]}, SpecialTokens.INCLUDED);
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                ("The row with the text '%s' has the token '%.80s' with the id %d at position %d of its"
                    + " tokens, but the model's vocabulary has %d ids, the last one %d. Use the"
                    + " tokenizer that belongs to the model, or drop the row."),
                beginning(text),
                token,
                ids[i],
                i - begin,
                vocabSize,
                vocabSize - 1));
      }
    }
  }

  private static String beginning(String text) {
    return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "..";
  }
}
