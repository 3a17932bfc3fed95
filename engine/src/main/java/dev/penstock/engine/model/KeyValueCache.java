package dev.penstock.engine.model;

import java.util.IdentityHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Keys and values of the tokens that a decoder has seen, so that a further token costs one position
 * and not all of them again. They lie in buffers that double when they are full. One a sequence;
 * used without gradients by one thread.
 */
final class KeyValueCache implements AutoCloseable {
  private static final long SPARE_POSITIONS = 64;

  /**
   * What an attention layer has seen; views in the caller's PointerScope.
   *
   * @param keys [B, K, T, H], rotated
   * @param values [B, K, T, H]
   */
  record Seen(Tensor keys, Tensor values) {}

  private record Buffers(Tensor keys, Tensor values, long length) {
    void close() {
      keys.close();
      values.close();
    }
  }

  private final Map<Attention, Buffers> layers = new IdentityHashMap<>();

  /** Tokens that this layer has seen. */
  int length(Attention layer) {
    Buffers buffers = layers.get(layer);
    return buffers == null ? 0 : (int) buffers.length;
  }

  /** Adds further tokens; what is returned holds all of them. */
  Seen append(Attention layer, Tensor keys, Tensor values) {
    Buffers before = layers.get(layer);
    long begin = before == null ? 0 : before.length;
    long added = keys.size(2);
    long length = begin + added;
    Buffers all;
    if (before != null && length <= before.keys.size(2)) {
      all = new Buffers(before.keys, before.values, length);
    } else {
      long capacity = Math.max(length + SPARE_POSITIONS, 2 * begin);
      all =
          new Buffers(
              larger(before == null ? null : before.keys, keys, begin, capacity),
              larger(before == null ? null : before.values, values, begin, capacity),
              length);
      if (before != null) {
        before.close();
      }
    }
    layers.put(layer, all);
    all.keys.narrow(2, begin, added).copy_(keys);
    all.values.narrow(2, begin, added).copy_(values);
    return new Seen(all.keys.narrow(2, 0, length), all.values.narrow(2, 0, length));
  }

  private static Tensor larger(@Nullable Tensor full, Tensor like, long filled, long capacity) {
    try (PointerScope scope = new PointerScope()) {
      long[] shape = {like.size(0), like.size(1), capacity, like.size(3)};
      Tensor buffer = torch.empty(shape, like.options(), new MemoryFormatOptional());
      if (full != null) {
        buffer.narrow(2, 0, filled).copy_(full.narrow(2, 0, filled));
      }
      return buffer.retainReference();
    }
  }

  @Override
  public void close() {
    layers.values().forEach(Buffers::close);
    layers.clear();
  }
}
