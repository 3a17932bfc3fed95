package dev.penstock.spark.data;

import java.io.Serializable;

/**
 * What the rows of a frame are. A row is counted once: what it is, or else its weight.
 *
 * @param rows all rows
 * @param nullRows rows that are null, or a part of them is
 * @param emptyRows rows without content
 * @param nullWeightRows rows whose weight is null
 * @param invalidWeightRows rows whose weight is NaN, infinite or negative
 * @param zeroWeightRows rows whose weight is 0
 */
public record RowCounts(
    long rows,
    long nullRows,
    long emptyRows,
    long nullWeightRows,
    long invalidWeightRows,
    long zeroWeightRows)
    implements Serializable {
  /** From the rows of each kind, by its ordinal. */
  static RowCounts of(long[] byKind) {
    long rows = 0;
    for (long count : byKind) {
      rows += count;
    }
    return new RowCounts(
        rows,
        byKind[RowKind.NULL_ROW.ordinal()],
        byKind[RowKind.EMPTY_ROW.ordinal()],
        byKind[RowKind.NULL_WEIGHT.ordinal()],
        byKind[RowKind.INVALID_WEIGHT.ordinal()],
        byKind[RowKind.ZERO_WEIGHT.ordinal()]);
  }

  /** Rows with text to train on. */
  public long usableRows() {
    return rows - nullRows - emptyRows - nullWeightRows - invalidWeightRows - zeroWeightRows;
  }
}
