package dev.penstock.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A box of a global tensor: what all sharding comes down to. Elements of a box are in row-major
 * order.
 *
 * @param tensor Hugging Face name
 * @param shape sizes of the whole tensor, outermost first
 * @param offsets first index in each dimension
 * @param sizes number of indices in each dimension
 */
public record TensorSlice(String tensor, List<Long> shape, List<Long> offsets, List<Long> sizes) {
  /** Neighbouring elements that two boxes have in common. */
  interface RunVisitor<E extends Exception> {
    /**
     * @param first first element of the run within the box that was asked
     * @param second the same element within the other box
     * @param count number of elements
     */
    void onRun(long first, long second, long count) throws E;
  }

  public TensorSlice {
    requireNonNull(tensor, "tensor is null");
    shape = List.copyOf(shape);
    offsets = List.copyOf(offsets);
    sizes = List.copyOf(sizes);
    boolean fits = shape.size() == offsets.size() && shape.size() == sizes.size();
    for (int i = 0; fits && i < shape.size(); i++) {
      long offset = offsets.get(i);
      long size = sizes.get(i);
      fits = offset >= 0 && size >= 0 && size <= shape.get(i) && offset <= shape.get(i) - size;
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "Offsets %s and sizes %s are no box of tensor %s of shape %s."
              .formatted(offsets, sizes, tensor, shape));
    }
    numel(shape); // fits a long, and so does every box of it
  }

  /** All of a tensor. */
  public static TensorSlice whole(String tensor, List<Long> shape) {
    return new TensorSlice(tensor, shape, shape.stream().map(size -> 0L).toList(), shape);
  }

  /**
   * The boxes that neighbouring elements of a tensor are made of, in the order of the elements.
   *
   * @param begin first element, row-major
   * @param end the one after the last
   */
  public static List<TensorSlice> ofRange(String tensor, List<Long> shape, long begin, long end) {
    if (begin < 0 || begin > end || end > numel(shape)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Elements %d to %d are not all in tensor %s of shape %s.",
              begin,
              end,
              tensor,
              shape));
    }
    List<TensorSlice> boxes = new ArrayList<>();
    long at = begin;
    while (at < end) {
      TensorSlice box = largest(tensor, shape, at, end);
      boxes.add(box);
      at += box.numel();
    }
    return List.copyOf(boxes);
  }

  /** The largest box that begins at an element and holds nothing but elements before the end. */
  private static TensorSlice largest(String tensor, List<Long> shape, long at, long end) {
    List<Long> offsets = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    long rest = at;
    boolean open = true; // whether inner dimensions are still to be chosen
    for (int i = 0; i < shape.size(); i++) {
      long inner = numel(shape.subList(i + 1, shape.size()));
      long index = rest / inner;
      rest -= index * inner;
      long whole = rest == 0 ? Math.min(shape.get(i) - index, (end - at) / inner) : 0;
      if (!open) {
        offsets.add(0L);
        sizes.add(shape.get(i));
      } else if (whole > 0) {
        offsets.add(index);
        sizes.add(whole);
        open = false;
      } else {
        offsets.add(index);
        sizes.add(1L);
      }
    }
    return new TensorSlice(tensor, shape, offsets, sizes);
  }

  /** Number of elements. */
  public long numel() {
    return numel(sizes);
  }

  /** Number of elements of the whole tensor. */
  public long tensorNumel() {
    return numel(shape);
  }

  private static long numel(List<Long> sizes) {
    long numel = 1;
    for (long size : sizes) {
      numel = Math.multiplyExact(numel, size);
    }
    return numel;
  }

  /**
   * Visits what this box and another one of the same tensor have in common, in runs that are
   * contiguous in both; in the order of the elements.
   */
  <E extends Exception> void visitCommon(TensorSlice other, RunVisitor<E> visitor) throws E {
    int dimensions = shape.size();
    long[] from = new long[dimensions];
    long[] count = new long[dimensions];
    for (int i = 0; i < dimensions; i++) {
      from[i] = Math.max(offsets.get(i), other.offsets.get(i));
      long to = Math.min(offsets.get(i) + sizes.get(i), other.offsets.get(i) + other.sizes.get(i));
      count[i] = to - from[i];
      if (count[i] <= 0) {
        return;
      }
    }
    int split = dimensions; // dimensions from here on are one run
    long run = 1;
    boolean contiguous = true;
    while (split > 0 && contiguous) {
      split--;
      run *= count[split];
      contiguous = count[split] == sizes.get(split) && count[split] == other.sizes.get(split);
    }
    long[] index = from.clone();
    do {
      visitor.onRun(position(index), other.position(index), run);
    } while (advance(index, from, count, split));
  }

  private static boolean advance(long[] index, long[] from, long[] count, int dimensions) {
    for (int i = dimensions - 1; i >= 0; i--) {
      if (++index[i] < from[i] + count[i]) {
        return true;
      }
      index[i] = from[i];
    }
    return false;
  }

  /** The element of this box with these indices of the whole tensor. */
  private long position(long[] index) {
    long position = 0;
    for (int i = 0; i < index.length; i++) {
      position = position * sizes.get(i) + index[i] - offsets.get(i);
    }
    return position;
  }
}
