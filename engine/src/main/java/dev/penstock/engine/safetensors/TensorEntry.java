package dev.penstock.engine.safetensors;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A tensor as a file has it. The byte range fits the shape and lies within the file: a {@link
 * SafetensorsHeader} checks that before it hands an entry out.
 *
 * @param name name in the file, for a model the Hugging Face parameter name
 * @param dtype element type
 * @param shape sizes of the dimensions, outermost first; empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last, counted likewise
 */
public record TensorEntry(String name, DType dtype, List<Long> shape, long begin, long end) {
  public TensorEntry {
    requireNonNull(name, "name is null");
    requireNonNull(dtype, "dtype is null");
    shape = List.copyOf(shape);
  }

  /** Bytes of all elements. */
  public long byteLength() {
    return end - begin;
  }

  /** Number of elements. */
  public long numElements() {
    return byteLength() / dtype.byteSize();
  }
}
