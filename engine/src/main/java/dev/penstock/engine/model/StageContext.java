package dev.penstock.engine.model;

import org.bytedeco.pytorch.TensorOptions;
import org.jspecify.annotations.Nullable;

/** What the layers of a stage share: what they compute in, rotary tables and masks. */
final class StageContext implements AutoCloseable {
  private final ComputeTypes types;
  private final TensorOptions attentionOptions;
  private final RotaryTables rotaryTables;
  private final AttentionMasks masks;
  private @Nullable KeyValueCache cache;

  StageContext(ComputeTypes types) {
    this.types = types;
    attentionOptions = types.attentionOptions();
    rotaryTables = new RotaryTables(attentionOptions);
    masks = new AttentionMasks(attentionOptions);
  }

  ComputeTypes types() {
    return types;
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
    attentionOptions.close();
  }
}
