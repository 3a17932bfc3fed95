package dev.penstock.engine.checkpoint;

import java.io.Serializable;

/**
 * Which checkpoints stay when there is a newer one.
 *
 * @param keep how many, the newest
 * @param keepBest whether the one with the lowest validation loss stays beside them
 */
public record Retention(int keep, boolean keepBest) implements Serializable {
  public Retention {
    if (keep < 1) {
      throw new IllegalArgumentException("At least one checkpoint is kept, not " + keep);
    }
  }
}
