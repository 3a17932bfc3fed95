package dev.penstock.engine.config;

/** How the stages of a pipeline are dealt out to its ranks. */
public enum PlacementStyle {
  /** Round and round: stage {@code s} on rank {@code s mod ppSize}. */
  LOOP,
  /**
   * Zig-zag: 0..P-1, P-1..0, 0.., so that with two stages a rank the first and the last stage share
   * rank 0.
   */
  V;

  /** The rank of a stage. */
  public int rankOf(int stage, int ppSize) {
    int position = stage % ppSize;
    return switch (this) {
      case LOOP -> position;
      case V -> (stage / ppSize) % 2 == 0 ? position : ppSize - 1 - position;
    };
  }

  /** Reads the reference's spelling, {@code loop} or {@code v}. */
  public static PlacementStyle parse(String style) {
    return switch (style) {
      case "loop" -> LOOP;
      case "v" -> V;
      default ->
          throw new ConfigException("Unknown placement style '" + style + "'. Use 'loop' or 'v'.");
    };
  }
}
