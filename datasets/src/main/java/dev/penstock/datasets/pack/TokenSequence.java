package dev.penstock.datasets.pack;

import static java.util.Objects.requireNonNull;

import java.util.BitSet;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

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
  private final float @Nullable [] weights;

  /**
   * A sequence.
   *
   * @param ids token ids
   * @param labels as many labels, not shifted: the token itself, or {@link #IGNORE}
   * @param documentStarts positions at which a document begins. A sequence that begins in the midst
   *     of one has no bit at 0; padding counts as a document
   * @param weights as many factors: how much predicting each label counts in the loss; null: 1 each
   */
  public TokenSequence(int[] ids, int[] labels, BitSet documentStarts, float @Nullable [] weights) {
    this.ids = requireNonNull(ids, "ids is null");
    this.labels = requireNonNull(labels, "labels is null");
    this.documentStarts = requireNonNull(documentStarts, "documentStarts is null");
    this.weights = weights;
    if (ids.length != labels.length
        || documentStarts.length() > ids.length
        || (weights != null && weights.length != ids.length)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              ("A sequence of %d ids needs as many labels, and weights if any, and documents within it,"
                  + " but has %d labels, %s weights and a document at %d."),
              ids.length,
              labels.length,
              weights == null ? "no" : weights.length,
              documentStarts.length() - 1));
    }
  }

  /** A sequence whose labels count 1 each. */
  public TokenSequence(int[] ids, int[] labels, BitSet documentStarts) {
    this(ids, labels, documentStarts, null);
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

  public float @Nullable [] weights() {
    return weights;
  }

  public int length() {
    return ids.length;
  }
}
