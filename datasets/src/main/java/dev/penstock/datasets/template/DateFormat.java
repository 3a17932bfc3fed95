package dev.penstock.datasets.template;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoField;
import java.time.temporal.IsoFields;
import java.util.Locale;
import java.util.Map;

/** Python's strftime, in English. */
final class DateFormat {
  private static final Map<Character, String> PATTERNS =
      Map.ofEntries(
          Map.entry('a', "EEE"),
          Map.entry('A', "EEEE"),
          Map.entry('b', "MMM"),
          Map.entry('h', "MMM"),
          Map.entry('B', "MMMM"),
          Map.entry('c', "EEE MMM ppd HH:mm:ss uuuu"),
          Map.entry('d', "dd"),
          Map.entry('D', "MM/dd/yy"),
          Map.entry('e', "ppd"),
          Map.entry('f', "SSSSSS"),
          Map.entry('F', "uuuu-MM-dd"),
          Map.entry('H', "HH"),
          Map.entry('I', "hh"),
          Map.entry('j', "DDD"),
          Map.entry('m', "MM"),
          Map.entry('M', "mm"),
          Map.entry('p', "a"),
          Map.entry('R', "HH:mm"),
          Map.entry('S', "ss"),
          Map.entry('T', "HH:mm:ss"),
          Map.entry('x', "MM/dd/yy"),
          Map.entry('X', "HH:mm:ss"),
          Map.entry('y', "yy"),
          Map.entry('Y', "uuuu"));

  private static final int LONGEST = 1000;

  private DateFormat() {}

  static String format(String format, LocalDateTime time) {
    if (format.length() > LONGEST) {
      throw new TemplateException("strftime_now: the format is longer than " + LONGEST);
    }
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < format.length(); i++) {
      char c = format.charAt(i);
      if (c != '%' || i + 1 == format.length()) {
        result.append(c);
        continue;
      }
      char code = format.charAt(++i);
      boolean unpadded = code == '-' && i + 1 < format.length();
      if (unpadded) {
        code = format.charAt(++i);
      }
      String field = field(code, time);
      result.append(unpadded ? field.replaceFirst("^[0 ]+(?=.)", "") : field);
    }
    return result.toString();
  }

  private static String field(char code, LocalDateTime time) {
    String pattern = PATTERNS.get(code);
    if (pattern != null) {
      return time.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }
    return switch (code) {
      case '%' -> "%";
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'u' -> String.valueOf(time.getDayOfWeek().getValue());
      case 'w' -> String.valueOf(time.getDayOfWeek().getValue() % 7);
      case 'V' -> String.format(Locale.ROOT, "%02d", time.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
      case 'G' -> String.valueOf(time.get(IsoFields.WEEK_BASED_YEAR));
      case 'U' -> week(time, time.get(ChronoField.DAY_OF_WEEK) % 7);
      case 'W' -> week(time, time.get(ChronoField.DAY_OF_WEEK) - 1);
      case 'z', 'Z' -> ""; // it is a time without a zone
      default -> "%" + code;
    };
  }

  private static String week(LocalDateTime time, int dayOfWeek) {
    return String.format(Locale.ROOT, "%02d", (time.getDayOfYear() - 1 + 7 - dayOfWeek) / 7);
  }
}
