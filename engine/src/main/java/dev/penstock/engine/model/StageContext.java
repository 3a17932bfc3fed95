package dev.penstock.engine.model;

import org.bytedeco.pytorch.TensorOptions;
import org.jspecify.annotations.Nullable;

/** What the layers of a stage share: rotary tables and masks of its dtype and device. */
final class StageContext implements AutoCloseable {
  private final RotaryTables rotaryTables;
  private final AttentionMasks masks;
  private @Nullable KeyValueCache cache;

  StageContext(TensorOptions options) {
    rotaryTables = new RotaryTables(options);
    masks = new AttentionMasks(options);
  }

  RotaryTables rotaryTables() {
    return rotaryTables;
  }

  AttentionMasks masks() {
    return masks;
  }

  /** What the layers have seen of the sequence that is being continued; null: nothing is kept. */
  @Nullable KeyValueCache cache() {
    return cache;
  }

  /** Keeps keys and values from here on, or lets go of them. */
  void keepKeysAndValues(boolean keep) {
    if (cache != null) {
      cache.close();
    }
    cache = keep ? new KeyValueCache() : null;
  }

  @Override
  public void close() {
    keepKeysAndValues(false);
    rotaryTables.close();
    masks.close();
  }
}
