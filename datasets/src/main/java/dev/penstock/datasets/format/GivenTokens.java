package dev.penstock.datasets.format;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import java.util.Locale;

/**
 * Rows that are tokens already, held against the model's vocabulary.
 *
 * @param vocabSize the model's: all ids must be below
 */
record GivenTokens(int vocabSize) {
  private static final int SHOWN = 8;

  /**
   * The document of some tokens.
   *
   * @param tokens a list of ids
   * @param labels as many labels, not shifted: the token itself or -100; null: all are predicted
   * @throws DatasetException naming the row, by its first tokens, and the position of what is wrong
   */
  TokenizedDocument document(JsonNode tokens, JsonNode labels) {
    int[] ids = new int[tokens.size()];
    for (int i = 0; i < ids.length; i++) {
      JsonNode id = tokens.get(i);
      if (!id.canConvertToInt() || id.intValue() < 0 || id.intValue() >= vocabSize) {
        throw refused(
            tokens,
            String.format(
                Locale.ROOT,
                "has %.40s at position %d (from 0), but the ids of the model are 0 to %d. Use the tokens of the model's own tokenizer",
                id,
                i,
                vocabSize - 1));
      }
      ids[i] = id.intValue();
    }
    return labels.isArray()
        ? new TokenizedDocument(ids, labels(tokens, ids, labels))
        : TokenizedDocument.of(ids);
  }

  private static int[] labels(JsonNode tokens, int[] ids, JsonNode given) {
    if (given.size() != ids.length) {
      throw refused(
          tokens,
          String.format(
              Locale.ROOT,
              "has %d tokens, but %d labels. Give each token a label",
              ids.length,
              given.size()));
    }
    int[] labels = new int[ids.length];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = given.get(i).asInt(Integer.MIN_VALUE);
      if (labels[i] != ids[i] && labels[i] != TokenSequence.IGNORE) {
        throw refused(
            tokens,
            String.format(
                Locale.ROOT,
                "has the label %.40s at position %d (from 0), where its token is %d. A label is the token at its own position, not shifted, or %d",
                given.get(i),
                i,
                ids[i],
                TokenSequence.IGNORE));
      }
    }
    return labels;
  }

  private static DatasetException refused(JsonNode tokens, String why) {
    StringBuilder row = new StringBuilder("[");
    for (int i = 0; i < Math.min(SHOWN, tokens.size()); i++) {
      row.append(i == 0 ? "" : ", ").append("%.40s".formatted(tokens.get(i)));
    }
    row.append(tokens.size() > SHOWN ? ", ..]" : "]");
    return new DatasetException("The row of the tokens %s %s.".formatted(row, why));
  }
}
