package dev.penstock.datasets.template;

/** What takes characters off the ends of a string. */
final class Stripping {
  private Stripping() {}

  static String strip(String text, Arguments arguments, boolean left, boolean right) {
    Arguments.Bound bound = arguments.bind("strip", 0, "chars");
    if (!bound.has(0)) {
      String begun = left ? CodePoints.stripLeft(text) : text;
      return right ? CodePoints.stripRight(begun) : begun;
    }
    String characters = bound.text(0);
    int begin = 0;
    int end = text.length();
    while (left && begin < end && characters.indexOf(text.codePointAt(begin)) >= 0) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    while (right && end > begin && characters.indexOf(text.codePointBefore(end)) >= 0) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(begin, end);
  }

  static String removePrefix(String text, Arguments arguments) {
    String prefix = arguments.bind("removeprefix", 1, "prefix").text(0);
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  static String removeSuffix(String text, Arguments arguments) {
    String suffix = arguments.bind("removesuffix", 1, "suffix").text(0);
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }
}
