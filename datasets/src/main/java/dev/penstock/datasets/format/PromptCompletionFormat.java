package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import java.util.Arrays;

/**
 * A prompt and its completion, of which only the completion is predicted. They are encoded as one
 * text, and the tokens that it has in common with the prompt alone are masked.
 *
 * <p>NeMo AutoModel masks as many tokens as the prompt alone has. Where the prompt ends with a
 * space, which goes into the first token of the completion, that masks one token too many, and a
 * completion of one token altogether.
 *
 * @param tokenizer stays the caller's
 * @param specialTokens whether the tokenizer puts its own around the text
 */
public record PromptCompletionFormat(TextTokenizer tokenizer, SpecialTokens specialTokens) {
  public PromptCompletionFormat {
    requireNonNull(tokenizer, "tokenizer is null");
    requireNonNull(specialTokens, "specialTokens is null");
  }

  /** The document of a prompt and what follows it; spaces between them are the caller's. */
  public TokenizedDocument format(String prompt, String completion) {
    int[] promptIds = tokenizer.encode(prompt, specialTokens);
    int[] ids = tokenizer.encode(prompt + completion, specialTokens);
    int[] labels = ids.clone();
    int difference = Arrays.mismatch(promptIds, ids);
    Arrays.fill(labels, 0, difference < 0 ? ids.length : difference, TokenSequence.IGNORE);
    return new TokenizedDocument(ids, labels);
  }
}
