package dev.penstock.datasets.pack;

import static java.util.Objects.requireNonNull;

/**
 * The tokens of one document and their labels. Arrays are not copied: whoever makes a document
 * leaves them alone afterwards.
 */
public final class TokenizedDocument {
  private final int[] ids;
  private final int[] labels;

  /**
   * A document of which some tokens are not to be predicted.
   *
   * @param ids token ids
   * @param labels as many labels, not shifted: the token itself, or {@link TokenSequence#IGNORE}
   */
  public TokenizedDocument(int[] ids, int[] labels) {
    this.ids = requireNonNull(ids, "ids is null");
    this.labels = requireNonNull(labels, "labels is null");
    if (ids.length != labels.length) {
      throw new IllegalArgumentException(
          "A document needs as many labels as ids, but has %d ids and %d labels."
              .formatted(ids.length, labels.length));
    }
  }

  /** A document of which all tokens are to be predicted. */
  public static TokenizedDocument of(int[] ids) {
    return new TokenizedDocument(ids, ids);
  }

  public int[] ids() {
    return ids;
  }

  public int[] labels() {
    return labels;
  }

  public int length() {
    return ids.length;
  }
}
