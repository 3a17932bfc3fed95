package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.Map;

/**
 * A weight file that a rank wrote.
 *
 * @param file its name in the model folder
 * @param tensors bytes of each tensor in it, by name
 */
public record SavedShard(String file, Map<String, Long> tensors) implements Serializable {
  public SavedShard {
    requireNonNull(file, "file is null");
    tensors = Map.copyOf(tensors);
  }

  /** Bytes of all its tensors. */
  public long bytes() {
    return tensors.values().stream().mapToLong(Long::longValue).sum();
  }
}
