package dev.penstock.spark.recipe;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The values that a line of the table is about.
 *
 * @param allBut whether it is about all others
 * @param patterns words in small letters, with {@code *} for anything
 */
record ValueSet(boolean allBut, List<Glob> patterns) {
  /** Reads {@code a, b}, or {@code !a, b} for all but these. */
  static ValueSet parse(String text) {
    boolean allBut = text.startsWith("!");
    String words = (allBut ? text.substring(1) : text).toLowerCase(Locale.ROOT);
    return new ValueSet(
        allBut, Arrays.stream(words.split(",")).map(String::strip).map(Glob::of).toList());
  }

  boolean contains(@Nullable Object value) {
    String word = word(value);
    return allBut != patterns.stream().anyMatch(pattern -> pattern.matches(word));
  }

  /** A value as the table spells it: numbers without needless zeros, nothing as {@code none}. */
  static String word(@Nullable Object value) {
    if (value == null) {
      return "none";
    }
    if (value instanceof Number && !(value instanceof Double real && !Double.isFinite(real))) {
      return new BigDecimal(value.toString()).stripTrailingZeros().toPlainString();
    }
    return value.toString().toLowerCase(Locale.ROOT);
  }
}
