package dev.penstock.engine.model;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Additive score masks for chunks of queries: of each window one, shared by all layers and
 * microbatches of a stage. Who may attend depends on distances alone, so one mask, as far back as
 * any chunk was asked to see, serves every chunk.
 */
final class AttentionMasks implements AutoCloseable {
  private final Map<Integer, Tensor> masks = new HashMap<>();
  private final TensorOptions options;

  AttentionMasks(TensorOptions options) {
    this.options = options;
  }

  /**
   * 0 where a position may attend, minus infinity elsewhere: [queries, before + queries]. A view in
   * the caller's PointerScope of what is owned by this.
   *
   * @param window tokens a position may attend to, itself included; 0: all before it
   * @param chunk most queries of a chunk, always the same with one window
   * @param queries of this chunk
   * @param before keys before the first of them
   */
  Tensor mask(int window, int chunk, long queries, long before) {
    Tensor mask = masks.get(window);
    if (mask == null || mask.size(1) - chunk < before) {
      long furthest = before;
      if (mask != null) {
        long old = mask.size(1) - chunk;
        furthest = Math.max(before, old + old / 4); // lengths that grow step by step
        mask.close();
      }
      mask = compute(window, chunk, furthest);
      masks.put(window, mask);
    }
    return mask.narrow(0, 0, queries).narrow(1, mask.size(1) - chunk - before, before + queries);
  }

  /** Elements of all masks. */
  long keptElements() {
    return masks.values().stream().mapToLong(Tensor::numel).sum();
  }

  private Tensor compute(int window, int chunk, long before) {
    try (PointerScope scope = new PointerScope()) {
      long[] shape = {chunk, before + chunk};
      Tensor hidden = torch.full(shape, new Scalar(Double.NEGATIVE_INFINITY), options);
      Tensor mask = hidden.triu(before + 1);
      return (window == 0 ? mask : mask.add_(hidden.tril(before - window))).retainReference();
    }
  }

  @Override
  public void close() {
    masks.values().forEach(Tensor::close);
    masks.clear();
  }
}
