package dev.penstock.spark.recipe;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code keys.txt}.
 *
 * @param keys those it is about
 * @param values of which values
 * @param conditions what other keys must be
 * @param verdict what becomes of the key
 * @param why the reason, and for what is refused the remedy; empty for what is used
 */
record KeyRule(
    KeyPattern keys, ValueSet values, List<Condition> conditions, Verdict verdict, String why) {
  /** What becomes of a key. */
  enum Verdict {
    /** Something reads it, or the run is as it says. */
    USED,
    /** It means nothing here, and the run is the same without it. */
    WITHOUT,
    /** The run cannot be as it says. */
    REFUSED,
    /** An option takes the value. */
    OPTION
  }

  /**
   * What another key must be.
   *
   * @param key the other
   * @param values what its value must be among
   */
  record Condition(String key, ValueSet values) {}

  static KeyRule parse(String line) {
    String[] columns = line.split("\\|", 5);
    if (columns.length != 5) {
      throw new IllegalStateException("not five columns: " + line);
    }
    return new KeyRule(
        KeyPattern.parse(columns[0].strip()),
        ValueSet.parse(columns[1].strip()),
        Arrays.stream(columns[2].split(";"))
            .filter(text -> !text.isBlank())
            .map(KeyRule::condition)
            .toList(),
        Verdict.valueOf(columns[3].strip().toUpperCase(Locale.ROOT)),
        columns[4].strip());
  }

  private static Condition condition(String text) {
    int colon = text.indexOf(':');
    return new Condition(
        text.substring(0, colon).strip(), ValueSet.parse(text.substring(colon + 1).strip()));
  }

  /** Whether it is about all of a section where other keys are so. */
  boolean isOfWholeSection() {
    return keys.withBelow() && !conditions.isEmpty();
  }

  boolean fits(Leaf leaf, List<String> path, Function<String, @Nullable Object> recipe) {
    return keys.matches(path)
        && values.contains(leaf.value())
        && conditions.stream().allMatch(c -> c.values().contains(recipe.apply(c.key())));
  }
}
