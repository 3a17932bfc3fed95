package dev.penstock.datasets.template;

import dev.penstock.datasets.template.Filters.Filter;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;

/** Filters of numbers. */
final class NumberFilters {
  private static final int MOST_DIGITS = 400;

  static final Map<String, Filter> BY_NAME =
      Map.of(
          "int", NumberFilters::toInt,
          "float", NumberFilters::toFloat,
          "abs", NumberFilters::abs,
          "round", NumberFilters::round);

  private NumberFilters() {}

  private static Object toInt(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("int", 0, "default", "base");
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1L : 0L;
    }
    if (Types.isInteger(value)) {
      return value;
    }
    Object otherwise = bound.value(0, 0L);
    if (value instanceof String text) {
      all.budget().spend(text.length());
      try {
        String digits = CodePoints.stripRight(CodePoints.stripLeft(text)).replace("_", "");
        return Long.valueOf(withoutPrefix(digits, bound.number(1, 10)), bound.number(1, 10));
      } catch (NumberFormatException e) {
        Object number = parse(text);
        return number == None.NONE ? otherwise : whole((Double) number, otherwise);
      }
    }
    return value instanceof Double number ? whole(number, otherwise) : otherwise;
  }

  /** Without the 0x of a number of base 16, and the like. */
  private static String withoutPrefix(String digits, int base) {
    String prefix = base == 16 ? "0x" : base == 8 ? "0o" : "0b";
    boolean has = digits.regionMatches(true, 0, prefix, 0, prefix.length());
    return has && base != 10 ? digits.substring(prefix.length()) : digits;
  }

  private static Object whole(double number, Object otherwise) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return otherwise;
    }
    return Math.abs(number) < 0x1p63
        ? (Object) (long) number
        : new BigDecimal(number).toBigInteger();
  }

  private static Object toFloat(Object value, Arguments arguments, Filters all) {
    Object otherwise = arguments.bind("float", 0, "default").value(0, 0.0);
    if (value instanceof Undefined undefined) {
      throw undefined.error();
    }
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    if (value instanceof Boolean flag) {
      return flag ? 1.0 : 0.0;
    }
    Object number = None.NONE;
    if (value instanceof String text) {
      all.budget().spend(text.length());
      number = parse(text);
    }
    return number == None.NONE ? otherwise : number;
  }

  private static Object parse(String text) {
    String digits = CodePoints.stripRight(CodePoints.stripLeft(text)).replace("_", "");
    if (digits.length() > MOST_DIGITS
        || !digits.matches("[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][-+]?[0-9]+)?")) {
      return switch (digits.toLowerCase(java.util.Locale.ROOT)) {
        case "inf", "+inf", "infinity" -> Double.POSITIVE_INFINITY;
        case "-inf", "-infinity" -> Double.NEGATIVE_INFINITY;
        case "nan" -> Double.NaN;
        default -> None.NONE;
      };
    }
    return Double.valueOf(digits);
  }

  private static Object abs(Object value, Arguments arguments, Filters all) {
    if (value instanceof Double number) {
      return Math.abs(number);
    }
    if (value instanceof Long number) {
      return number < 0 ? all.evaluator().arithmetic().sign(true, number) : number;
    }
    throw Types.notA("number", value);
  }

  private static Object round(Object value, Arguments arguments, Filters all) {
    Arguments.Bound bound = arguments.bind("round", 0, "precision", "method");
    int precision = bound.number(0, 0);
    String method = bound.text(1, "common");
    if (!Comparisons.isNumber(value)) {
      throw Types.notA("number", value);
    }
    if (Math.abs((long) precision) > MOST_DIGITS) {
      throw new TemplateException("round: the precision " + precision + " is too large");
    }
    double number = (Double) toFloat(value, Arguments.NONE, all);
    return switch (method) {
      case "common" -> common(value, number, precision);
      case "ceil" -> Math.ceil(number * Math.pow(10, precision)) / Math.pow(10, precision);
      case "floor" -> Math.floor(number * Math.pow(10, precision)) / Math.pow(10, precision);
      default -> throw new TemplateException("round has no method '" + method + "'");
    };
  }

  private static Object common(Object value, double number, int precision) {
    if (Types.isInteger(value) && precision >= 0) {
      return value;
    }
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return number;
    }
    BigDecimal rounded = new BigDecimal(number).setScale(precision, RoundingMode.HALF_EVEN);
    return value instanceof Double ? (Object) rounded.doubleValue() : (Object) rounded.longValue();
  }
}
