package dev.penstock.engine.comm;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Shape and dtype of a tensor that is to arrive.
 *
 * @param shape sizes, outermost first
 * @param dtype element type
 */
public record TensorSpec(List<Long> shape, ScalarType dtype) {
  public TensorSpec {
    shape = List.copyOf(shape);
    requireNonNull(dtype, "dtype is null");
  }

  /** A spec from plain sizes. */
  public static TensorSpec of(ScalarType dtype, long... shape) {
    return new TensorSpec(Arrays.stream(shape).boxed().toList(), dtype);
  }

  /** The sizes as torch takes them. */
  public long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  public long numElements() {
    return LongStream.of(sizes()).reduce(1, (a, b) -> a * b);
  }
}
