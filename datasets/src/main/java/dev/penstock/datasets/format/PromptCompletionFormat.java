package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.TextEncoder;
import java.util.Arrays;

/**
 * A prompt and its completion, of which only the completion is predicted, or both are. Encoded as
 * one text, the tokens that it has in common with the prompt alone are the prompt's.
 *
 * <p>NeMo AutoModel masks as many tokens as the prompt alone has. Where the prompt ends with a
 * space, which goes into the first token of the completion, that masks one token too many, and a
 * completion of one token altogether.
 *
 * @param encoder stays the caller's
 * @param form what is predicted, and how it is encoded
 */
public record PromptCompletionFormat(TextEncoder encoder, RowForm.PromptCompletion form) {
  public PromptCompletionFormat {
    requireNonNull(encoder, "encoder is null");
    requireNonNull(form, "form is null");
  }

  /** The document of a prompt and what follows it; spaces between them are the caller's. */
  public TokenizedDocument format(String prompt, String completion) {
    return form.encoding() == PromptEncoding.JOINED
        ? joined(prompt, completion)
        : separate(prompt, completion);
  }

  private TokenizedDocument joined(String prompt, String completion) {
    int[] ids = encoder.encode(prompt + completion);
    if (form.trainOnPrompt()) {
      return TokenizedDocument.of(ids);
    }
    int difference = Arrays.mismatch(encoder.encode(prompt), ids);
    return masked(ids, difference < 0 ? ids.length : difference);
  }

  /** As NeMo AutoModel encodes HellaSwag. */
  private TokenizedDocument separate(String prompt, String completion) {
    int[] before = encoder.encode(prompt);
    int[] after = encoder.encode(completion);
    int end = before.length;
    if (end > 0 && encoder.isSpecial(before[end - 1])) {
      end--;
    }
    int begin = after.length > 0 && encoder.isSpecial(after[0]) ? 1 : 0;
    int[] ids = Arrays.copyOf(before, end + after.length - begin);
    System.arraycopy(after, begin, ids, end, after.length - begin);
    return masked(ids, form.trainOnPrompt() ? 0 : end);
  }

  private static TokenizedDocument masked(int[] ids, int promptTokens) {
    int[] labels = ids.clone();
    Arrays.fill(labels, 0, promptTokens, TokenSequence.IGNORE);
    return new TokenizedDocument(ids, labels);
  }
}
