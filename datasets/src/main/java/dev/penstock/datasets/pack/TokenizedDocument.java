package dev.penstock.datasets.pack;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.util.Locale;

/**
 * The tokens of one document, their labels and how much those count. Arrays are not copied: whoever
 * makes a document leaves them alone afterwards.
 */
public final class TokenizedDocument {
  private final int[] ids;
  private final int[] labels;
  private final float weight;

  /**
   * A document of which some tokens are not to be predicted, and whose labels count 1 each.
   *
   * @param ids token ids
   * @param labels as many labels, not shifted: the token itself, or {@link TokenSequence#IGNORE}
   */
  public TokenizedDocument(int[] ids, int[] labels) {
    this(ids, labels, 1);
  }

  private TokenizedDocument(int[] ids, int[] labels, float weight) {
    this.ids = requireNonNull(ids, "ids is null");
    this.labels = requireNonNull(labels, "labels is null");
    this.weight = weight;
    if (ids.length != labels.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A document needs as many labels as ids, but has %d ids and %d labels.",
              ids.length,
              labels.length));
    }
    if (!(weight >= 0 && Float.isFinite(weight))) {
      throw new DatasetException(
          "A document's weight must be finite and at least 0, but is %s.".formatted(weight));
    }
  }

  /** A document of which all tokens are to be predicted. */
  public static TokenizedDocument of(int[] ids) {
    return new TokenizedDocument(ids, ids);
  }

  /**
   * The same document with another weight.
   *
   * @param newWeight how much predicting each of its labels counts in the loss: finite, at least 0
   */
  public TokenizedDocument withWeight(float newWeight) {
    return new TokenizedDocument(ids, labels, newWeight);
  }

  public int[] ids() {
    return ids;
  }

  public int[] labels() {
    return labels;
  }

  public float weight() {
    return weight;
  }

  public int length() {
    return ids.length;
  }
}
