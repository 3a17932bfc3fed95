package dev.penstock.datasets.tokenize;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
  private static final int MOST_PROBES = 1_000;
  private static final int UNKNOWN = -1;

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
    int[] around = idsOf("");
    int begin = around.length == 0 ? UNKNOWN : tokensBefore(around);
    this.before = begin == UNKNOWN ? new int[0] : Arrays.copyOf(around, begin);
    this.behind = begin == UNKNOWN ? new int[0] : Arrays.copyOfRange(around, begin, around.length);
  }

  /** The tokenizer, which stays its owner's. */
  public TextTokenizer tokenizer() {
    return tokenizer;
  }

  /** One more than the largest id that the model has. */
  public int vocabSize() {
    return vocabSize;
  }

  /** Whether a token is one of the tokenizer's special ones. */
  public boolean isSpecial(int id) {
    return tokenizer.isSpecial(id);
  }

  /** How many of the tokens around a text come before it, as some text that has tokens shows. */
  private int tokensBefore(int[] around) {
    int tried = Math.min(tokenizer.vocabSize(), MOST_PROBES);
    return Stream.concat(
            Stream.of("a"),
            IntStream.range(0, tried)
                .mapToObj(id -> tokenizer.decode(new int[] {id}, SpecialTokens.INCLUDED)))
        .mapToInt(probe -> tokensBefore(around, probe))
        .filter(begin -> begin != UNKNOWN)
        .findFirst()
        .orElse(UNKNOWN);
  }

  /** The same as this text shows. */
  private int tokensBefore(int[] around, String probe) {
    int[] bare;
    int[] whole;
    try {
      bare = tokenizer.encode(probe, SpecialTokens.EXCLUDED);
      whole = tokenizer.encode(probe, specialTokens);
    } catch (RuntimeException e) { // it has no token for this text, nor one for unknown ones
      return UNKNOWN;
    }
    for (int begin = 0; begin <= around.length && bare.length > 0; begin++) {
      int[] expected = Arrays.copyOf(around, around.length + bare.length);
      System.arraycopy(bare, 0, expected, begin, bare.length);
      System.arraycopy(around, begin, expected, begin + bare.length, around.length - begin);
      if (Arrays.equals(whole, expected) && !contains(around, bare)) {
        return begin;
      }
    }
    return UNKNOWN;
  }

  private static boolean contains(int[] tokens, int[] some) {
    return Arrays.stream(some).anyMatch(id -> Arrays.stream(tokens).anyMatch(t -> t == id));
  }

  /**
   * The ids of a text.
   *
   * @throws DatasetException if one is beyond the model's vocabulary, or the tokenizer has none for
   *     a part of the text
   */
  public int[] encode(String text) {
    int[] ids = idsOf(text);
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

  /**
   * The ids of a text without special tokens around it, and where each one is in it.
   *
   * @throws DatasetException as {@link #encode}
   */
  public LocatedTokens locate(String text) {
    try {
      LocatedTokens tokens = tokenizer.locate(text);
      check(tokens.ids(), 0, tokens.ids().length, text);
      return tokens;
    } catch (DatasetException e) {
      throw e;
    } catch (RuntimeException e) { // whatever the native library throws
      throw notTokenized(text, e);
    }
  }

  private int[] idsOf(String text) {
    requireNonNull(text, "text is null");
    try {
      return tokenizer.encode(text, specialTokens);
    } catch (RuntimeException e) { // whatever the native library throws
      throw notTokenized(text, e);
    }
  }

  private static DatasetException notTokenized(String text, RuntimeException e) {
    return new DatasetException(
        "The row with the text '%s' cannot be tokenized: %.500s. Use the tokenizer that belongs to the model, or drop the row."
            .formatted(beginning(text), e.getMessage()),
        e);
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
