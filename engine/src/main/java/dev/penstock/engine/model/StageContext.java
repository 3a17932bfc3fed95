package dev.penstock.engine.model;

import org.bytedeco.pytorch.TensorOptions;

/** What the layers of a stage share: rotary tables and masks of its dtype and device. */
final class StageContext implements AutoCloseable {
  private final RotaryTables rotaryTables;
  private final AttentionMasks masks;

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

  @Override
  public void close() {
    rotaryTables.close();
    masks.close();
  }
}
