package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Rows of the HellaSwag data set: a situation and how it goes on, of which only the latter is
 * predicted. As in NeMo AutoModel the two are encoded apart, each with the tokenizer's special
 * tokens; where they meet, those that would stand between them are left out.
 *
 * @param tokenizer stays the caller's
 */
public record HellaSwagFormat(TextTokenizer tokenizer) {
  public HellaSwagFormat {
    requireNonNull(tokenizer, "tokenizer is null");
  }

  /**
   * The document of a situation.
   *
   * @param context the situation (column {@code ctx})
   * @param endings how it may go on
   * @param label which of them is right, from 0
   */
  public TokenizedDocument format(String context, List<String> endings, int label) {
    if (label < 0 || label >= endings.size()) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("A HellaSwag row has %d endings, but the label %d. Rows without a label (the test "
                  + "split) cannot be learnt from: filter them."),
              endings.size(),
              label));
    }
    int[] before = tokenizer.encode(context, SpecialTokens.INCLUDED);
    int[] after = tokenizer.encode(endings.get(label), SpecialTokens.INCLUDED);
    int end = before.length;
    if (end > 0 && tokenizer.isSpecial(before[end - 1])) {
      end--;
    }
    int begin = after.length > 0 && tokenizer.isSpecial(after[0]) ? 1 : 0;
    return new MaskedSegments(tokenizer)
        .masked(Arrays.copyOf(before, end))
        .predicted(Arrays.copyOfRange(after, begin, after.length))
        .document();
  }
}
