package dev.penstock.engine.config;

import java.io.Serializable;

/**
 * Which layers keep their input alone for the backward pass, and run again there (Chen et al. 2016,
 * arXiv:1604.06174): less memory for a third more work.
 *
 * @param layersPerStage the first so many layers of every stage
 */
public record Recompute(int layersPerStage) implements Serializable {
  /** Every layer keeps all that its backward pass needs. */
  public static final Recompute NONE = new Recompute(0);

  /** Every layer is run again. */
  public static final Recompute FULL = new Recompute(Integer.MAX_VALUE);

  public Recompute {
    ConfigException.check(
        layersPerStage >= 0,
        "recompute must be 'none', 'full' or a number of layers, but is %d.",
        layersPerStage);
  }

  /** Reads {@code none}, {@code full} or a number of layers. */
  public static Recompute parse(String text) {
    switch (text) {
      case "none":
        return NONE;
      case "full":
        return FULL;
      default:
        try {
          return new Recompute(Integer.parseInt(text));
        } catch (NumberFormatException e) {
          throw new ConfigException(
              "recompute must be 'none', 'full' or a number of layers, but is '%s'."
                  .formatted(text),
              e);
        }
    }
  }

  @Override
  public String toString() {
    return equals(NONE) ? "none" : equals(FULL) ? "full" : String.valueOf(layersPerStage);
  }
}
