package dev.penstock.datasets.order;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Some sequences of a window, in the order in which storage has them. Immutable. */
public final class WindowPart {
  private final int[] offsets;
  private final List<SequenceRange> ranges;

  private WindowPart(int[] offsets, List<SequenceRange> ranges) {
    this.offsets = offsets;
    this.ranges = List.copyOf(ranges);
  }

  /**
   * The sequences at some offsets.
   *
   * @param offsets counted along {@code window}, ascending
   * @param window the ranges that make up the window
   */
  static WindowPart of(int[] offsets, List<SequenceRange> window) {
    List<SequenceRange> ranges = new ArrayList<>();
    int next = 0;
    int start = 0;
    for (SequenceRange range : window) {
      while (next < offsets.length && offsets[next] < start + range.count()) {
        int begin = next++;
        while (next < offsets.length
            && offsets[next] == offsets[next - 1] + 1
            && offsets[next] < start + range.count()) {
          next++;
        }
        ranges.add(new SequenceRange(range.first() + offsets[begin] - start, next - begin));
      }
      start += range.count();
    }
    return new WindowPart(offsets, ranges);
  }

  /** The runs of sequences that lie side by side; nothing else is to be read. */
  public List<SequenceRange> ranges() {
    return ranges;
  }

  /**
   * Which sequence of this part, counted along its {@link #ranges}, is at an offset of the window;
   * negative if it is not part of it.
   */
  public int indexOf(int offsetInWindow) {
    return Arrays.binarySearch(offsets, offsetInWindow);
  }
}
