package dev.penstock.datasets.template;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How Python's formats write one value.
 *
 * @param align {@code < > ^}, or {@code =} for between sign and digits
 * @param sign {@code + -} or a space
 * @param prefixed whether 0x and the like stand before digits
 * @param grouping between thousands; a space: nothing
 * @param precision -1: the usual one
 */
record FormatSpec(
    String fill,
    char align,
    char sign,
    boolean prefixed,
    int width,
    char grouping,
    int precision,
    char type) {
  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(?<fill>.)?(?<align>[<>=^]))?(?<sign>[-+ ])?(?<prefixed>#)?(?<zero>0)?"
              + "(?<width>[0-9]+)?(?<grouping>[,_])?(?:\\.(?<precision>[0-9]+))?(?<type>[bcdeEfFgGnosxX%])?",
          Pattern.DOTALL);

  private static final int WIDEST = 100_000;

  /** Reads what stands behind the colon of a field. */
  static FormatSpec parse(String spec, boolean isNumber) {
    Matcher m = SPEC.matcher(spec);
    if (!m.matches()) {
      throw new TemplateException("'" + spec + "' is no format");
    }
    boolean zero = m.group("zero") != null;
    char usual = isNumber ? (zero ? '=' : '>') : '<';
    return new FormatSpec(
        m.group("fill") != null ? m.group("fill") : zero ? "0" : " ",
        m.group("align") != null ? m.group("align").charAt(0) : usual,
        m.group("sign") != null ? m.group("sign").charAt(0) : '-',
        m.group("prefixed") != null,
        bounded(m.group("width"), 0),
        m.group("grouping") != null ? m.group("grouping").charAt(0) : ' ',
        bounded(m.group("precision"), -1),
        m.group("type") != null ? m.group("type").charAt(0) : ' ');
  }

  /** The number of a width. */
  static int bounded(String digits, int otherwise) {
    if (digits == null || digits.isEmpty()) {
      return otherwise;
    }
    if (digits.length() > 6 || Integer.parseInt(digits) > WIDEST) {
      throw new TemplateException("a format is more than " + WIDEST + " wide");
    }
    return Integer.parseInt(digits);
  }

  FormatSpec of(char newType) {
    return new FormatSpec(fill, align, sign, prefixed, width, grouping, precision, newType);
  }

  String format(Object value, Budget budget) {
    budget.spend(width);
    if (value instanceof String text) {
      int length = CodePoints.length(text);
      return pad(
          "", precision >= 0 && precision < length ? CodePoints.slice(text, 0, precision) : text);
    }
    boolean isFloat = value instanceof Double || "eEfFgG%".indexOf(type) >= 0;
    return isFloat ? formatFloat(value) : formatInteger(value);
  }

  private String formatFloat(Object value) {
    double number =
        value instanceof Number n ? n.doubleValue() : Boolean.TRUE.equals(value) ? 1 : 0;
    boolean negative = number < 0 || (number == 0 && 1 / number < 0);
    double magnitude = Math.abs(number);
    String digits =
        type == ' ' && precision < 0
            ? FloatText.of(magnitude)
            : NumberText.decimal(
                magnitude, type == ' ' || type == 'n' ? 'g' : type, precision < 0 ? 6 : precision);
    return pad(signOf(negative), grouped(digits));
  }

  private String formatInteger(Object value) {
    BigInteger number =
        value instanceof BigInteger big
            ? big
            : BigInteger.valueOf(value instanceof Long n ? n : Boolean.TRUE.equals(value) ? 1 : 0);
    String prefix = prefixed && "bxXo".indexOf(type) >= 0 ? "0" + type : "";
    return pad(
        signOf(number.signum() < 0) + prefix, grouped(NumberText.integer(number.abs(), type)));
  }

  private String signOf(boolean negative) {
    return negative ? "-" : sign == '-' ? "" : String.valueOf(sign);
  }

  private String grouped(String digits) {
    if (grouping == ' ') {
      return digits;
    }
    int end = 0;
    while (end < digits.length() && Character.isDigit(digits.charAt(end))) {
      end++;
    }
    StringBuilder result = new StringBuilder(digits);
    for (int i = end - 3; i > 0; i -= 3) {
      result.insert(i, grouping);
    }
    return result.toString();
  }

  private String pad(String before, String text) {
    int missing = Math.max(0, width - before.length() - CodePoints.length(text));
    return switch (align) {
      case '<' -> before + text + fill.repeat(missing);
      case '^' -> fill.repeat(missing / 2) + before + text + fill.repeat(missing - missing / 2);
      case '=' -> before + fill.repeat(missing) + text;
      default -> fill.repeat(missing) + before + text;
    };
  }
}
