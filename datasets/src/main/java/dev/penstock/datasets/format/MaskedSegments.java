package dev.penstock.datasets.format;

import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import java.util.stream.IntStream;

/** Puts a document together from pieces that are encoded apart, each predicted or not. */
final class MaskedSegments {
  private final TextTokenizer tokenizer;
  private final IntStream.Builder ids = IntStream.builder();
  private final IntStream.Builder labels = IntStream.builder();

  MaskedSegments(TextTokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  MaskedSegments masked(String text) {
    return masked(tokenizer.encode(text, SpecialTokens.EXCLUDED));
  }

  MaskedSegments masked(int[] tokens) {
    for (int id : tokens) {
      ids.add(id);
      labels.add(TokenSequence.IGNORE);
    }
    return this;
  }

  MaskedSegments predicted(String text) {
    return predicted(tokenizer.encode(text, SpecialTokens.EXCLUDED));
  }

  MaskedSegments predicted(int[] tokens) {
    for (int id : tokens) {
      ids.add(id);
      labels.add(id);
    }
    return this;
  }

  TokenizedDocument document() {
    return new TokenizedDocument(ids.build().toArray(), labels.build().toArray());
  }
}
