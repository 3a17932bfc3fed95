package dev.penstock.spark.data;

import java.io.Serializable;

/**
 * What the rows of a frame are.
 *
 * @param rows all rows
 * @param nullRows rows whose text is null
 * @param emptyRows rows whose text has no characters
 */
public record RowCounts(long rows, long nullRows, long emptyRows) implements Serializable {
  /** Rows with text to train on. */
  public long usableRows() {
    return rows - nullRows - emptyRows;
  }
}
