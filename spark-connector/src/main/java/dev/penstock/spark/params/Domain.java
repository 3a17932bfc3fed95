package dev.penstock.spark.params;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The values an option may take.
 *
 * @param type boxed Java type of the value
 * @param min least number allowed
 * @param minIncluded whether {@code min} itself is allowed
 * @param bound every number must be below it
 * @param boundIncluded whether {@code bound} itself is allowed
 * @param choices the allowed strings; empty: any that is not blank
 */
record Domain(
    Class<?> type,
    double min,
    boolean minIncluded,
    double bound,
    boolean boundIncluded,
    List<String> choices)
    implements Serializable {
  static Domain text() {
    return of(String.class, 0, true);
  }

  static Domain oneOf(String... choices) {
    return new Domain(String.class, 0, true, Double.POSITIVE_INFINITY, false, List.of(choices));
  }

  static Domain flag() {
    return of(Boolean.class, 0, true);
  }

  static Domain intAtLeast(int min) {
    return of(Integer.class, min, true);
  }

  static Domain longAtLeast(long min) {
    return of(Long.class, min, true);
  }

  static Domain anyLong() {
    return of(Long.class, Double.NEGATIVE_INFINITY, true);
  }

  static Domain atLeastZero() {
    return of(Double.class, 0, true);
  }

  static Domain aboveZero() {
    return of(Double.class, 0, false);
  }

  static Domain fraction() {
    return new Domain(Double.class, 0, true, 1, false, List.of());
  }

  static Domain probability() {
    return new Domain(Double.class, 0, false, 1, true, List.of());
  }

  static Domain aboveZeroOrInfinite() {
    return new Domain(Double.class, 0, false, Double.POSITIVE_INFINITY, true, List.of());
  }

  static Domain texts() {
    return of(String[].class, 0, true);
  }

  private static Domain of(Class<?> type, double min, boolean minIncluded) {
    return new Domain(type, min, minIncluded, Double.POSITIVE_INFINITY, false, List.of());
  }

  boolean contains(@Nullable Object value) {
    if (value instanceof String text) {
      return choices.isEmpty() ? !text.isBlank() : choices.contains(text);
    }
    if (value instanceof String[] texts) {
      return Arrays.stream(texts).noneMatch(text -> text == null || text.isBlank());
    }
    if (value instanceof Number number) {
      double x = number.doubleValue();
      return (x > min || (minIncluded && x == min)) && (x < bound || (boundIncluded && x == bound));
    }
    return value instanceof Boolean;
  }

  /**
   * The same, as Spark asks it: its own message about a value that is no Param's would be a
   * NullPointerException.
   *
   * @throws IllegalArgumentException if there is no value
   */
  boolean contains(String param, @Nullable Object value) {
    if (value == null) {
      throw new IllegalArgumentException(
          "Param %s is null. Leave it out, or give it a value.".formatted(param));
    }
    return contains(value);
  }

  /** How a Param's documentation says it; empty where the type says all. */
  String describe() {
    if (!choices.isEmpty()) {
      return "one of " + String.join(", ", choices);
    }
    if (type == Integer.class || (type == Long.class && min > Double.NEGATIVE_INFINITY)) {
      return "at least " + (long) min;
    }
    if (bound == 1) {
      return boundIncluded ? "above 0, at most 1" : "from 0 to below 1";
    }
    if (type == Double.class) {
      return minIncluded ? "at least 0" : "above 0";
    }
    return "";
  }
}
