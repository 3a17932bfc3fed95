package dev.penstock.datasets.pack;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.io.Serializable;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How documents become sequences.
 *
 * @param seqLength tokens of a sequence
 * @param endOfDocumentId token put behind each document that does not end with it already; null:
 *     none, documents say themselves what ends them
 * @param paddingId token that fills up a sequence; never predicted
 * @param fit how documents are laid into sequences
 * @param remainder what becomes of the last sequence
 * @param truncation what becomes of a document that is longer than a sequence and must be in one
 */
public record PackingConfig(
    int seqLength,
    @Nullable Integer endOfDocumentId,
    int paddingId,
    DocumentFit fit,
    Remainder remainder,
    Truncation truncation)
    implements Serializable {
  public PackingConfig {
    requireNonNull(fit, "fit is null");
    requireNonNull(remainder, "remainder is null");
    requireNonNull(truncation, "truncation is null");
    if (seqLength < 2) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "seqLength must be at least 2 (a token and its successor), but is %d.",
              seqLength));
    }
    if ((endOfDocumentId != null && endOfDocumentId < 0) || paddingId < 0) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "Token ids are not negative, but the end-of-document token is %s and the padding %d.",
              endOfDocumentId,
              paddingId));
    }
  }

  /** Documents one behind the other, the last sequence padded with the end-of-document token. */
  public static PackingConfig of(int seqLength, int endOfDocumentId) {
    return new PackingConfig(
        seqLength,
        endOfDocumentId,
        endOfDocumentId,
        DocumentFit.SPLIT,
        Remainder.PAD,
        Truncation.ERROR);
  }
}
