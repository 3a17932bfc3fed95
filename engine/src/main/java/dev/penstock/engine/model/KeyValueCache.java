package dev.penstock.engine.model;

import dev.penstock.engine.torch.HostTensors;
import java.util.IdentityHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * Keys and values of the tokens that a decoder has seen, so that a further token costs one position
 * and not all of them again. One a sequence; used without gradients by one thread.
 */
final class KeyValueCache implements AutoCloseable {
  /**
   * What an attention layer has seen.
   *
   * @param keys [B, K, T, H], rotated
   * @param values [B, K, T, H]
   */
  record Seen(Tensor keys, Tensor values) {}

  private final Map<Attention, Seen> layers = new IdentityHashMap<>();

  /** Tokens that this layer has seen. */
  int length(Attention layer) {
    Seen seen = layers.get(layer);
    return seen == null ? 0 : (int) seen.keys.size(2);
  }

  /** Adds further tokens; what is returned belongs to this and holds all of them. */
  Seen append(Attention layer, Tensor keys, Tensor values) {
    Seen before = layers.get(layer);
    Seen all =
        before == null
            ? new Seen(keys.contiguous().retainReference(), values.contiguous().retainReference())
            : new Seen(joined(before.keys, keys), joined(before.values, values));
    layers.put(layer, all);
    if (before != null) {
      close(before);
    }
    return all;
  }

  private static Tensor joined(Tensor seen, Tensor further) {
    return HostTensors.concatenate(2, seen, further).retainReference();
  }

  private static void close(Seen seen) {
    seen.keys.close();
    seen.values.close();
  }

  @Override
  public void close() {
    layers.values().forEach(KeyValueCache::close);
    layers.clear();
  }
}
