package dev.penstock.engine.checkpoint;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;

/**
 * A part of a rank's state: copied from when a checkpoint is made, and into when it is read.
 *
 * @param kind {@link #WEIGHT}, {@link #BEST_WEIGHT}, or torch's name of a moment
 * @param slice which part of which tensor
 * @param values its elements as a flat float32 vector; the holder closes it
 */
public record StateSlice(String kind, TensorSlice slice, Tensor values) {
  /** The weights in float32, which the optimizer changes. */
  public static final String WEIGHT = "weight";

  /** The weights that the best validation so far found. */
  public static final String BEST_WEIGHT = "best_weight";

  public StateSlice {
    requireNonNull(kind, "kind is null");
    if (values.numel() != slice.numel()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s has %d elements, not the %d of its slice.",
              slice.tensor(),
              values.numel(),
              slice.numel()));
    }
  }

  /**
   * Neighbouring elements of a tensor.
   *
   * @param shape sizes of the whole tensor
   * @param begin first element, row-major
   * @param values the elements, flat; parts of it are in the caller's PointerScope
   */
  public static List<StateSlice> ofRange(
      String kind, String tensor, List<Long> shape, long begin, Tensor values) {
    List<StateSlice> slices = new ArrayList<>();
    long at = 0;
    for (TensorSlice box : TensorSlice.ofRange(tensor, shape, begin, begin + values.numel())) {
      slices.add(new StateSlice(kind, box, values.narrow(0, at, box.numel())));
      at += box.numel();
    }
    return slices;
  }
}
