package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

/**
 * Rows of token ids and their labels, row-major. Arrays are not copied: whoever makes a batch
 * leaves them alone afterwards.
 *
 * @param rows number of rows
 * @param seqLength tokens of one row
 * @param inputIds {@code rows * seqLength} token ids
 * @param labels as many labels, not shifted (label of a position is the token at it; the loss
 *     shifts); {@link #IGNORE} where a token is not to be predicted
 */
public record TokenBatch(int rows, int seqLength, int[] inputIds, int[] labels) {
  /** The label that counts for nothing. */
  public static final int IGNORE = -100;

  public TokenBatch {
    requireNonNull(inputIds, "inputIds is null");
    requireNonNull(labels, "labels is null");
    if (inputIds.length != rows * seqLength || labels.length != rows * seqLength) {
      throw new IllegalArgumentException(
          "A batch of %d rows of %d tokens needs %d ids and labels, but has %d ids and %d labels."
              .formatted(rows, seqLength, rows * seqLength, inputIds.length, labels.length));
    }
  }
}
