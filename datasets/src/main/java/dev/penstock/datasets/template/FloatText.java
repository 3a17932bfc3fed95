package dev.penstock.datasets.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** A float as Python writes it: with the fewest digits that mean the same. */
final class FloatText {
  private static final int MOST_DIGITS = 17;
  private static final int FIRST_EXPONENT = 16;
  private static final int LAST_EXPONENT = -5;

  private FloatText() {}

  static String of(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    BigDecimal exact = new BigDecimal(value);
    BigDecimal shortest = exact;
    for (int digits = 1; digits <= MOST_DIGITS; digits++) {
      shortest = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (shortest.doubleValue() == value) {
        break;
      }
    }
    shortest = shortest.stripTrailingZeros();
    int exponent = shortest.precision() - shortest.scale() - 1;
    if (exponent < FIRST_EXPONENT && exponent > LAST_EXPONENT) {
      String plain = shortest.toPlainString();
      return plain.indexOf('.') < 0 ? plain + ".0" : plain;
    }
    String digits = shortest.unscaledValue().abs().toString();
    String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
    String sign = exponent < 0 ? "-" : "+";
    int size = Math.abs(exponent);
    return (value < 0 ? "-" : "")
        + digits.charAt(0)
        + fraction
        + "e"
        + sign
        + (size < 10 ? "0" : "")
        + size;
  }
}
