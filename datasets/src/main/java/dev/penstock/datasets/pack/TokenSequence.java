package dev.penstock.datasets.pack;

import static java.util.Objects.requireNonNull;

import java.util.BitSet;

/**
 * A row of training data: tokens of one or more documents. Nothing is copied: whoever makes a
 * sequence leaves its parts alone afterwards.
 */
public final class TokenSequence {
  /** The label of a token that is not to be predicted. */
  public static final int IGNORE = -100;

  private final int[] ids;
  private final int[] labels;
  private final BitSet documentStarts;

  /**
   * A sequence.
   *
   * @param ids token ids
   * @param labels as many labels, not shifted: the token itself, or {@link #IGNORE}
   * @param documentStarts positions at which a document begins. A sequence that begins in the midst
   *     of one has no bit at 0; padding counts as a document
   */
  public TokenSequence(int[] ids, int[] labels, BitSet documentStarts) {
    this.ids = requireNonNull(ids, "ids is null");
    this.labels = requireNonNull(labels, "labels is null");
    this.documentStarts = requireNonNull(documentStarts, "documentStarts is null");
    if (ids.length != labels.length || documentStarts.length() > ids.length) {
      throw new IllegalArgumentException(
          ("A sequence of %d ids needs as many labels and documents within it, but has %d "
                  + "labels and a document at %d.")
              .formatted(ids.length, labels.length, documentStarts.length() - 1));
    }
  }

  public int[] ids() {
    return ids;
  }

  public int[] labels() {
    return labels;
  }

  public BitSet documentStarts() {
    return documentStarts;
  }

  public int length() {
    return ids.length;
  }
}
