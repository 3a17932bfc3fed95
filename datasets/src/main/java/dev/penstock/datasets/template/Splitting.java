package dev.penstock.datasets.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What takes a string apart. */
final class Splitting {
  private Splitting() {}

  static List<Object> split(String text, Arguments arguments, Budget budget) {
    Arguments.Bound bound = arguments.bind("split", 0, "sep", "maxsplit");
    int most = bound.number(1, -1);
    if (!bound.has(0)) {
      return words(text, most, budget);
    }
    List<Object> parts = new ArrayList<>();
    String separator = separator(bound);
    int position = 0;
    int at = text.indexOf(separator);
    while (at >= 0 && parts.size() != most) {
      budget.step();
      parts.add(text.substring(position, at));
      position = at + separator.length();
      at = text.indexOf(separator, position);
    }
    parts.add(text.substring(position));
    return parts;
  }

  static List<Object> splitRight(String text, Arguments arguments, Budget budget) {
    Arguments.Bound bound = arguments.bind("rsplit", 0, "sep", "maxsplit");
    int most = bound.number(1, -1);
    if (most < 0) {
      return split(text, arguments, budget);
    }
    if (!bound.has(0)) {
      return wordsFromRight(text, most, budget);
    }
    List<Object> parts = new ArrayList<>();
    String separator = separator(bound);
    int end = text.length();
    int at = text.lastIndexOf(separator);
    while (at >= 0 && parts.size() != most) {
      budget.step();
      parts.add(text.substring(at + separator.length(), end));
      end = at;
      at = end < separator.length() ? -1 : text.lastIndexOf(separator, end - separator.length());
    }
    parts.add(text.substring(0, end));
    Collections.reverse(parts);
    return parts;
  }

  private static String separator(Arguments.Bound bound) {
    String separator = bound.text(0);
    if (separator.isEmpty()) {
      throw new TemplateException("split: the separator is empty");
    }
    return separator;
  }

  private static List<Object> words(String text, int most, Budget budget) {
    List<Object> words = new ArrayList<>();
    int begin = skip(text, 0, true);
    while (begin < text.length()) {
      budget.step();
      if (words.size() == most) {
        words.add(text.substring(begin));
        break;
      }
      int end = skip(text, begin, false);
      words.add(text.substring(begin, end));
      begin = skip(text, end, true);
    }
    return words;
  }

  /** From a place behind all that is space, or all that is none. */
  private static int skip(String text, int from, boolean spaces) {
    int end = from;
    while (end < text.length() && CodePoints.isSpace(text.codePointAt(end)) == spaces) {
      end += Character.charCount(text.codePointAt(end));
    }
    return end;
  }

  private static List<Object> wordsFromRight(String text, int most, Budget budget) {
    List<Object> words = new ArrayList<>();
    int end = skipBack(text, text.length(), true);
    while (end > 0) {
      budget.step();
      int begin = words.size() == most ? 0 : skipBack(text, end, false);
      words.add(text.substring(begin, end));
      end = skipBack(text, begin, true);
    }
    Collections.reverse(words);
    return words;
  }

  private static int skipBack(String text, int from, boolean spaces) {
    int begin = from;
    while (begin > 0 && CodePoints.isSpace(text.codePointBefore(begin)) == spaces) {
      begin -= Character.charCount(text.codePointBefore(begin));
    }
    return begin;
  }

  static List<Object> lines(String text, Arguments arguments, Budget budget) {
    boolean keepEnds = arguments.bind("splitlines", 0, "keepends").flag(0, false);
    List<Object> lines = new ArrayList<>();
    int begin = 0;
    for (int i = 0; i < text.length(); i++) {
      if (isLineEnd(text.charAt(i))) {
        int end = i;
        if (text.charAt(i) == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n') {
          i++;
        }
        budget.step();
        lines.add(text.substring(begin, keepEnds ? i + 1 : end));
        begin = i + 1;
      }
    }
    if (begin < text.length()) {
      lines.add(text.substring(begin));
    }
    return lines;
  }

  private static boolean isLineEnd(char c) {
    return (c >= '\n' && c <= '\r')
        || (c >= 0x1c && c <= 0x1e)
        || c == 0x85
        || c == 0x2028
        || c == 0x2029;
  }

  static Tuple partition(String text, Arguments arguments, boolean last) {
    String separator = separator(arguments.bind("partition", 1, "sep"));
    int at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return new Tuple(last ? List.of("", "", text) : List.of(text, "", ""));
    }
    return new Tuple(
        List.of(text.substring(0, at), separator, text.substring(at + separator.length())));
  }
}
