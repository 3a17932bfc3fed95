package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Rows of token ids and their labels, row-major. Arrays are not copied: whoever makes a batch
 * leaves them alone afterwards.
 *
 * @param rows number of rows, perhaps none
 * @param seqLength tokens of one row
 * @param inputIds {@code rows * seqLength} token ids
 * @param labels as many labels, not shifted (label of a position is the token at it; the loss
 *     shifts); {@link #IGNORE} where a token is not to be predicted
 * @param weights as many factors, not negative: how much predicting each label counts in the loss,
 *     which is then a weighted mean; null: all labels count 1
 * @param documentStarts places in {@code inputIds} at which a document begins; null: unknown
 */
public record TokenBatch(
    int rows,
    int seqLength,
    int[] inputIds,
    int[] labels,
    float @Nullable [] weights,
    @Nullable BitSet documentStarts) {
  /** The label that counts for nothing. */
  public static final int IGNORE = -100;

  public TokenBatch {
    requireNonNull(inputIds, "inputIds is null");
    requireNonNull(labels, "labels is null");
    int tokens = rows * seqLength;
    if (inputIds.length != tokens
        || labels.length != tokens
        || (weights != null && weights.length != tokens)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A batch of %d rows of %d tokens needs %d ids and labels, but has %d ids, %d labels and %s weights.",
              rows,
              seqLength,
              tokens,
              inputIds.length,
              labels.length,
              weights == null ? "no" : weights.length));
    }
  }

  /** Rows whose labels all count alike. */
  public TokenBatch(int rows, int seqLength, int[] inputIds, int[] labels) {
    this(rows, seqLength, inputIds, labels, null, null);
  }

  /** Rows of which it is unknown where documents begin. */
  public TokenBatch(
      int rows, int seqLength, int[] inputIds, int[] labels, float @Nullable [] weights) {
    this(rows, seqLength, inputIds, labels, weights, null);
  }

  /** The same rows with other labels. */
  TokenBatch withLabels(int[] newLabels) {
    return new TokenBatch(rows, seqLength, inputIds, newLabels, weights, documentStarts);
  }

  /** The first of these rows. */
  TokenBatch first(int count) {
    int tokens = count * seqLength;
    return new TokenBatch(
        count,
        seqLength,
        Arrays.copyOf(inputIds, tokens),
        Arrays.copyOf(labels, tokens),
        weights == null ? null : Arrays.copyOf(weights, tokens),
        documentStarts == null ? null : documentStarts.get(0, tokens));
  }

  /** These rows, and behind them rows of which no token counts, so that there are so many. */
  TokenBatch filledUpTo(int count) {
    int tokens = rows * seqLength;
    TokenBatch filled =
        new TokenBatch(
            count,
            seqLength,
            Arrays.copyOf(inputIds, count * seqLength),
            Arrays.copyOf(labels, count * seqLength),
            weights == null ? null : Arrays.copyOf(weights, count * seqLength),
            documentStarts == null ? null : documentStarts.get(0, tokens));
    Arrays.fill(filled.labels, tokens, filled.labels.length, IGNORE);
    if (filled.documentStarts != null) {
      for (int row = rows; row < count; row++) {
        filled.documentStarts.set(row * seqLength);
      }
    }
    return filled;
  }

  /** The same rows, where the labels of row {@code i} count {@code rowWeights[i]} each. */
  public TokenBatch withRowWeights(float[] rowWeights) {
    float[] expanded = new float[rows * seqLength];
    for (int i = 0; i < expanded.length; i++) {
      expanded[i] = rowWeights[i / seqLength];
    }
    return new TokenBatch(rows, seqLength, inputIds, labels, expanded, documentStarts);
  }

  /** The same rows, of which it is known where documents begin. */
  public TokenBatch withDocumentStarts(BitSet starts) {
    return new TokenBatch(rows, seqLength, inputIds, labels, weights, starts);
  }
}
