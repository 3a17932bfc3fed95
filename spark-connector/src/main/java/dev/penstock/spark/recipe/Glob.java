package dev.penstock.spark.recipe;

import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A word with {@code *} for anything.
 *
 * @param text the word
 * @param pattern the same as a regular expression
 */
record Glob(String text, Pattern pattern) {
  static Glob of(String text) {
    String regex =
        Arrays.stream(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*"));
    return new Glob(text, Pattern.compile(regex, Pattern.DOTALL));
  }

  boolean matches(String word) {
    return pattern.matcher(word).matches();
  }
}
