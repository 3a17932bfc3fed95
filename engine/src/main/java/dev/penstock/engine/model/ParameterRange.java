package dev.penstock.engine.model;

import java.util.Locale;

/**
 * Elements of a rank's flat parameters.
 *
 * @param begin first element
 * @param end the one after the last
 */
public record ParameterRange(long begin, long end) {
  public ParameterRange {
    if (begin < 0 || end < begin) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "Not a range: %d to %d", begin, end));
    }
  }

  public long size() {
    return end - begin;
  }

  /** What both have in common; may be empty. */
  public ParameterRange intersection(ParameterRange other) {
    long from = Math.max(begin, other.begin);
    return new ParameterRange(from, Math.max(from, Math.min(end, other.end)));
  }
}
