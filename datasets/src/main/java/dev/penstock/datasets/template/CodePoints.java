package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.List;

/** Strings as Python counts them: by characters, not by UTF-16 units. */
final class CodePoints {
  private CodePoints() {}

  static int length(String text) {
    return text.codePointCount(0, text.length());
  }

  /** Every character as a string of its own. */
  static List<Object> split(String text) {
    List<Object> characters = new ArrayList<>();
    text.codePoints().forEach(point -> characters.add(Character.toString(point)));
    return characters;
  }

  /** From one character to before another; both within the text. */
  static String slice(String text, int from, int to) {
    int begin = text.offsetByCodePoints(0, from);
    return text.substring(begin, text.offsetByCodePoints(begin, to - from));
  }

  /** Python's str.isspace of a character. */
  static boolean isSpace(int point) {
    return Character.isWhitespace(point) || Character.isSpaceChar(point) || point == 0x85;
  }

  static String stripLeft(String text) {
    int begin = 0;
    while (begin < text.length() && isSpace(text.codePointAt(begin))) {
      begin += Character.charCount(text.codePointAt(begin));
    }
    return text.substring(begin);
  }

  static String stripRight(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(0, end);
  }
}
