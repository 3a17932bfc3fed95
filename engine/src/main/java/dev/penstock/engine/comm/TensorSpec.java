package dev.penstock.engine.comm;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
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
    // An enum that comes out of native code is a fresh object: intern makes it comparable.
    dtype = requireNonNull(dtype, "dtype is null").intern();
  }

  /** A spec from plain sizes. */
  public static TensorSpec of(ScalarType dtype, long... shape) {
    return new TensorSpec(Arrays.stream(shape).boxed().toList(), dtype);
  }

  /** The shape and dtype of a tensor. */
  public static TensorSpec of(Tensor tensor) {
    List<Long> shape = new ArrayList<>();
    for (long dimension = 0; dimension < tensor.dim(); dimension++) {
      shape.add(tensor.size(dimension));
    }
    return new TensorSpec(shape, tensor.scalar_type());
  }

  /** The sizes as torch takes them. */
  public long[] sizes() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }

  public long numElements() {
    return LongStream.of(sizes()).reduce(1, (a, b) -> a * b);
  }
}
