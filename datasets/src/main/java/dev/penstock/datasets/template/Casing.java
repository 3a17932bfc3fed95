package dev.penstock.datasets.template;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Upper and lower case. */
final class Casing {
  private static final Pattern WORD_BREAK = Pattern.compile("[-\\s({\\[<]+");

  private Casing() {}

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = Character.charCount(text.codePointAt(0));
    return titleCase(text.codePointAt(0)) + text.substring(first).toLowerCase(Locale.ROOT);
  }

  /** Python's str.title: every letter behind no letter is upper case. */
  static String title(String text) {
    StringBuilder result = new StringBuilder();
    boolean inWord = false;
    for (int point : text.codePoints().toArray()) {
      boolean letter = isCased(point);
      result.append(
          !letter
              ? Character.toString(point)
              : inWord ? Character.toString(point).toLowerCase(Locale.ROOT) : titleCase(point));
      inWord = letter;
    }
    return result.toString();
  }

  /** Jinja's filter title: words begin behind spaces, hyphens and brackets. */
  static String words(String text) {
    StringBuilder result = new StringBuilder();
    Matcher wordBreak = WORD_BREAK.matcher(text);
    int begin = 0;
    while (wordBreak.find()) {
      result.append(word(text.substring(begin, wordBreak.start()))).append(wordBreak.group());
      begin = wordBreak.end();
    }
    return result.append(word(text.substring(begin))).toString();
  }

  private static String word(String word) {
    if (word.isEmpty()) {
      return word;
    }
    int first = Character.charCount(word.codePointAt(0));
    return word.substring(0, first).toUpperCase(Locale.ROOT)
        + word.substring(first).toLowerCase(Locale.ROOT);
  }

  static String swap(String text) {
    StringBuilder result = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              String one = Character.toString(point);
              result.append(
                  Character.isUpperCase(point)
                      ? one.toLowerCase(Locale.ROOT)
                      : one.toUpperCase(Locale.ROOT));
            });
    return result.toString();
  }

  static boolean isCased(int point) {
    return Character.isUpperCase(point)
        || Character.isLowerCase(point)
        || Character.isTitleCase(point);
  }

  private static String titleCase(int point) {
    int title = Character.toTitleCase(point);
    return title == point
        ? Character.toString(point).toUpperCase(Locale.ROOT)
        : Character.toString(title);
  }
}
