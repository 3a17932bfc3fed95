package dev.penstock.engine.model;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which tokens of a microbatch belong together: a token attends to its own document alone, and
 * positions begin anew with each. A row's bounds are bounds of documents too.
 *
 * @param rowLength tokens of a row
 * @param lengths tokens of each document, row by row; their sum is that of all rows
 */
public record DocumentLayout(int rowLength, List<Integer> lengths) {
  public DocumentLayout {
    lengths = List.copyOf(lengths);
  }

  /**
   * The documents of some rows.
   *
   * @param starts the places of all rows' tokens, row-major, at which a document begins
   * @param firstRow the first of the rows meant
   * @param rows how many are meant
   */
  public static DocumentLayout of(BitSet starts, int firstRow, int rows, int rowLength) {
    List<Integer> lengths = new ArrayList<>();
    for (int row = firstRow; row < firstRow + rows; row++) {
      int end = (row + 1) * rowLength;
      int begin = row * rowLength;
      while (begin < end) {
        int next = starts.nextSetBit(begin + 1);
        int stop = next < 0 ? end : Math.min(next, end);
        lengths.add(stop - begin);
        begin = stop;
      }
    }
    return new DocumentLayout(rowLength, lengths);
  }

  /** Whether every row is one document, so that attention and positions are the usual ones. */
  boolean isOneARow() {
    return lengths.stream().allMatch(length -> length == rowLength);
  }

  /** The lengths as operators take them. */
  long[] sizes() {
    return lengths.stream().mapToLong(Integer::longValue).toArray();
  }
}
