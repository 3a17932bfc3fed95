package dev.penstock.datasets.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;

/** Numbers as Python's formats write them, without width and sign. */
final class NumberText {
  /** Digits behind the point that a format may ask for. */
  static final int MOST_DIGITS = 1000;

  private NumberText() {}

  /** One of {@code b o x X d}. */
  static String integer(BigInteger magnitude, char type) {
    return switch (type) {
      case 'b' -> magnitude.toString(2);
      case 'o' -> magnitude.toString(8);
      case 'x' -> magnitude.toString(16);
      case 'X' -> magnitude.toString(16).toUpperCase(Locale.ROOT);
      default -> magnitude.toString();
    };
  }

  /** One of {@code e E f F g G %}. */
  static String decimal(double magnitude, char type, int precision) {
    if (precision > MOST_DIGITS) {
      throw new TemplateException(
          "a number is asked for with more than " + MOST_DIGITS + " digits");
    }
    if (Double.isNaN(magnitude) || Double.isInfinite(magnitude)) {
      return Double.isNaN(magnitude) ? "nan" : "inf";
    }
    BigDecimal exact = new BigDecimal(magnitude);
    return switch (type) {
      case 'e', 'E' -> scientific(exact, precision, type);
      case 'g', 'G' -> general(exact, Math.max(1, precision), type);
      case '%' ->
          exact.movePointRight(2).setScale(precision, RoundingMode.HALF_EVEN).toPlainString() + "%";
      default -> exact.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
    };
  }

  private static String scientific(BigDecimal exact, int precision, char type) {
    BigDecimal rounded = exact.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    String digits = rounded.unscaledValue().toString();
    digits = (digits + "0".repeat(precision + 1)).substring(0, precision + 1);
    String fraction = precision > 0 ? "." + digits.substring(1) : "";
    int size = Math.abs(exponent);
    return digits.charAt(0)
        + fraction
        + type
        + (exponent < 0 ? '-' : '+')
        + (size < 10 ? "0" : "")
        + size;
  }

  private static String general(BigDecimal exact, int precision, char type) {
    BigDecimal rounded = exact.round(new MathContext(precision, RoundingMode.HALF_EVEN));
    int exponent = rounded.signum() == 0 ? 0 : rounded.precision() - rounded.scale() - 1;
    if (exponent >= -4 && exponent < precision) {
      return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }
    int digits = rounded.stripTrailingZeros().precision();
    return scientific(rounded, digits - 1, type == 'g' ? 'e' : 'E');
  }
}
