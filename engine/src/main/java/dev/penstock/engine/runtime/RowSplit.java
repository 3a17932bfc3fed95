package dev.penstock.engine.runtime;

import java.util.ArrayList;
import java.util.List;

/** How rows are cut into microbatches: as {@code torch.tensor_split} does. */
public final class RowSplit {
  private RowSplit() {}

  /** Rows of each part: the first {@code rows % parts} have one more. */
  public static List<Integer> sizes(int rows, int parts) {
    List<Integer> sizes = new ArrayList<>(parts);
    for (int part = 0; part < parts; part++) {
      sizes.add(rows / parts + (part < rows % parts ? 1 : 0));
    }
    return List.copyOf(sizes);
  }
}
