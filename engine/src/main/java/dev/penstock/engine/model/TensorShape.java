package dev.penstock.engine.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Name, shape and initial value of a weight, before any memory is allocated.
 *
 * @param name Hugging Face name with the global layer number
 * @param shape sizes, outermost first
 * @param init how a new model starts
 */
public record TensorShape(String name, List<Long> shape, Init init) {
  /** How a weight of a new model is filled. */
  public enum Init {
    /** Normal with mean 0 and the model's {@code initializer_range} as standard deviation. */
    NORMAL,
    /**
     * Uniform up to one over the root of the number of columns: torch's Kaiming uniform of a linear
     * layer, which low-rank adapters start with.
     */
    UNIFORM_BY_COLUMNS,
    /** Normal with mean 0 and standard deviation 1. */
    STANDARD_NORMAL,
    ZEROS,
    ONES
  }

  public TensorShape {
    requireNonNull(name, "name is null");
    shape = List.copyOf(shape);
    requireNonNull(init, "init is null");
  }

  static TensorShape matrix(String name, long rows, long columns) {
    return new TensorShape(name, List.of(rows, columns), Init.NORMAL);
  }

  static TensorShape vector(String name, long size, Init init) {
    return new TensorShape(name, List.of(size), init);
  }

  /** Number of elements. */
  public long numel() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }
}
