package dev.penstock.engine.safetensors;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A tensor as it is to be written: name, element type and shape.
 *
 * @param name name in the file, for a model the Hugging Face parameter name
 * @param dtype element type
 * @param shape sizes of the dimensions, outermost first; empty for a scalar
 */
public record TensorInfo(String name, DType dtype, List<Long> shape) {
  public TensorInfo {
    requireNonNull(name, "name is null");
    requireNonNull(dtype, "dtype is null");
    shape = List.copyOf(shape);
    byteLength(dtype, shape);
  }

  /** Bytes of all elements. */
  public long byteLength() {
    return byteLength(dtype, shape);
  }

  /**
   * Bytes of a tensor.
   *
   * @throws IllegalArgumentException if a dimension is negative or the size does not fit a long
   */
  static long byteLength(DType dtype, List<Long> shape) {
    long bytes = dtype.byteSize();
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException("the shape %s has a negative size".formatted(shape));
      }
      try {
        bytes = Math.multiplyExact(bytes, size);
      } catch (ArithmeticException e) {
        throw new IllegalArgumentException(
            "the shape %s of %s takes more than 2^63 bytes".formatted(shape, dtype), e);
      }
    }
    return bytes;
  }
}
