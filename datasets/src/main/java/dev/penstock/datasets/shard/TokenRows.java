package dev.penstock.datasets.shard;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows of token ids, labels and perhaps weights, row-major, newly made for the caller, whose they
 * are.
 */
public final class TokenRows {
  private final int rows;
  private final int seqLength;
  private final int[] ids;
  private final int[] labels;
  private final float @Nullable [] weights;
  private final BitSet documentStarts = new BitSet();

  TokenRows(int rows, int seqLength, boolean weighted) {
    this.rows = rows;
    this.seqLength = seqLength;
    this.ids = new int[Math.multiplyExact(rows, seqLength)];
    this.labels = new int[ids.length];
    this.weights = weighted ? new float[ids.length] : null;
  }

  public int rows() {
    return rows;
  }

  public int seqLength() {
    return seqLength;
  }

  /** {@code rows * seqLength} token ids. */
  public int[] ids() {
    return ids;
  }

  /**
   * As many labels, not shifted: the token itself, or {@link
   * dev.penstock.datasets.pack.TokenSequence#IGNORE}.
   */
  public int[] labels() {
    return labels;
  }

  /** As many factors: how much predicting each label counts in the loss; null: 1 each. */
  public float @Nullable [] weights() {
    return weights;
  }

  /**
   * Places in {@link #ids} at which a document begins. A row that begins in the midst of one has no
   * bit at its first token.
   */
  public BitSet documentStarts() {
    return documentStarts;
  }
}
