package dev.penstock.engine.comm;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/** How {@link Transport#allReduce} combines elements. */
public enum ReduceOp {
  SUM,
  MAX,
  MIN;

  /** Combines {@code next} into {@code accumulator}, in place; both have one shape and dtype. */
  public void accumulate(Tensor accumulator, Tensor next) {
    try (PointerScope scope = new PointerScope()) {
      switch (this) {
        case SUM -> accumulator.add_(next);
        case MAX -> accumulator.copy_(accumulator.maximum(next));
        case MIN -> accumulator.copy_(accumulator.minimum(next));
      }
    }
  }
}
