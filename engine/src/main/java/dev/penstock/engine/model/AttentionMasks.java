package dev.penstock.engine.model;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Additive score masks [T, T] for attention that is more than plainly causal: of each window one,
 * as large as was asked for, shared by all layers and microbatches of a stage. Who may attend
 * depends on distances alone, so a corner of a mask is the mask of a shorter sequence.
 */
final class AttentionMasks implements AutoCloseable {
  private final Map<Integer, Tensor> masks = new HashMap<>();
  private final TensorOptions options;

  AttentionMasks(TensorOptions options) {
    this.options = options;
  }

  /** Whether positions of a sequence of this length see all before them. */
  static boolean plainlyCausal(long length, int window) {
    return window == 0 || window >= length;
  }

  /**
   * 0 where a position may attend, minus infinity elsewhere. Owned by this, or a view in the
   * caller's PointerScope of what is.
   *
   * @param madeFor length that the mask is made for, if there is none as large
   * @param window tokens a position may attend to, itself included; 0: all before it
   * @param length of the sequence, at most {@code madeFor}
   */
  Tensor mask(int madeFor, int window, long length) {
    Tensor mask = masks.get(window);
    if (mask == null || mask.size(0) < madeFor) {
      long size = madeFor;
      if (mask != null) {
        size = Math.max(madeFor, mask.size(0) + mask.size(0) / 4); // lengths that grow step by step
        mask.close();
      }
      mask = compute(size, window);
      masks.put(window, mask);
    }
    return length == mask.size(0) ? mask : mask.narrow(0, 0, length).narrow(1, 0, length);
  }

  /** Elements of all masks. */
  long keptElements() {
    return masks.values().stream().mapToLong(Tensor::numel).sum();
  }

  private Tensor compute(long length, int window) {
    try (PointerScope scope = new PointerScope()) {
      Tensor hidden =
          torch.full(new long[] {length, length}, new Scalar(Double.NEGATIVE_INFINITY), options);
      Tensor mask = hidden.triu(1);
      return (window == 0 ? mask : mask.add_(hidden.tril(-window))).retainReference();
    }
  }

  @Override
  public void close() {
    masks.values().forEach(Tensor::close);
    masks.clear();
  }
}
