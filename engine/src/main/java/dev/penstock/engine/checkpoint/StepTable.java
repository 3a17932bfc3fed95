package dev.penstock.engine.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/**
 * Numbers of every step so far, a row a step: the history of the loss, which one rank keeps.
 *
 * @param columns numbers of a step
 * @param values row by row; not copied
 */
public record StepTable(int columns, double[] values) {
  /** Kind of the slice that it is stored as. */
  public static final String KIND = "steps";

  static final String TENSOR = "history";

  public StepTable {
    if (columns < 1 || values.length % columns != 0) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%d values are no rows of %d.", values.length, columns));
    }
  }

  /** Number of steps. */
  public int rows() {
    return values.length / columns;
  }

  TensorSlice slice() {
    return TensorSlice.whole(TENSOR, List.of((long) rows(), (long) columns));
  }

  ByteBuffer toBytes() {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asDoubleBuffer().put(values);
    return bytes;
  }

  static StepTable read(TensorSlice slice, ByteBuffer bytes) {
    double[] values = new double[Math.toIntExact(slice.numel())];
    bytes.order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
    return new StepTable(Math.toIntExact(slice.sizes().get(1)), values);
  }
}
