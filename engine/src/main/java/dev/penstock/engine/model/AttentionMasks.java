package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;

/**
 * Additive score masks [T, T] for attention that is more than plainly causal, made once for each
 * (length, window) and shared by all layers and microbatches of a stage.
 */
final class AttentionMasks implements AutoCloseable {
  private record Key(int length, int window) {}

  private final Map<Key, Tensor> masks = new HashMap<>();
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
   * @param madeFor length that the mask is made for
   * @param window tokens a position may attend to, itself included; 0: all before it
   * @param length of the sequence, at most {@code madeFor}: who may attend depends on distances
   *     alone, so a corner of the mask is the mask of a shorter sequence
   */
  Tensor mask(int madeFor, int window, long length) {
    Tensor mask = masks.computeIfAbsent(new Key(madeFor, window), this::compute);
    return length == madeFor ? mask : mask.narrow(0, 0, length).narrow(1, 0, length);
  }

  private Tensor compute(Key key) {
    float[] mask = new float[key.length * key.length];
    for (int query = 0; query < key.length; query++) {
      for (int at = 0; at < key.length; at++) {
        boolean visible = at <= query && (key.window == 0 || query - at < key.window);
        mask[query * key.length + at] = visible ? 0f : Float.NEGATIVE_INFINITY;
      }
    }
    return HostTensors.ofFloats(mask, options, key.length, key.length);
  }

  @Override
  public void close() {
    masks.values().forEach(Tensor::close);
    masks.clear();
  }
}
