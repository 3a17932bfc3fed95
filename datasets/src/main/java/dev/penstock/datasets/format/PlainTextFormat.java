package dev.penstock.datasets.format;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;

/**
 * A text of which every token is predicted.
 *
 * @param tokenizer stays the caller's
 * @param specialTokens whether the tokenizer puts its own around the text
 */
public record PlainTextFormat(TextTokenizer tokenizer, SpecialTokens specialTokens) {
  public PlainTextFormat {
    requireNonNull(tokenizer, "tokenizer is null");
    requireNonNull(specialTokens, "specialTokens is null");
  }

  /** The document of a text. */
  public TokenizedDocument format(String text) {
    return TokenizedDocument.of(tokenizer.encode(text, specialTokens));
  }
}
