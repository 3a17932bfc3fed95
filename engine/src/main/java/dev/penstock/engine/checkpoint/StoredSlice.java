package dev.penstock.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.safetensors.DType;

/**
 * Where a slice lies in a file.
 *
 * @param kind as {@link StateSlice#kind}, or {@link StepTable#KIND}
 * @param dtype of its elements
 * @param slice which part of which tensor
 * @param position of its first byte in the file
 */
public record StoredSlice(String kind, DType dtype, TensorSlice slice, long position) {
  public StoredSlice {
    requireNonNull(kind, "kind is null");
    requireNonNull(dtype, "dtype is null");
    if (position < 0) {
      throw new IllegalArgumentException("A slice cannot begin at byte " + position);
    }
  }

  long end() {
    return Math.addExact(position, Math.multiplyExact(slice.numel(), (long) dtype.byteSize()));
  }
}
