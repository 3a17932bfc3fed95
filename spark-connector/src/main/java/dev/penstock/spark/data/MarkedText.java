package dev.penstock.spark.data;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A row of a frame as one string: the mark of its kind, in upper case if it is to validate on, and
 * if it is to be ingested its weight, if it has one, as 16 hex digits, and its text. Strings,
 * because every serializer of Spark knows them, and with the weight inside, so that rows of one
 * text have an order.
 */
final class MarkedText {
  private static final int WEIGHT_DIGITS = 16;

  private MarkedText() {}

  /** A row of a frame without weights. */
  static String of(@Nullable String text, boolean validation) {
    RowKind kind = RowKind.of(text);
    return mark(kind, validation) + (kind.isKept() ? text : "");
  }

  /** A row of a frame with weights. */
  static String of(@Nullable String text, boolean validation, @Nullable Double weight) {
    RowKind kind = RowKind.of(text, weight);
    String content = kind.isKept() && weight != null ? digits(weight) + text : "";
    return mark(kind, validation) + content;
  }

  static RowKind kind(String row) {
    return RowKind.of(Character.toLowerCase(row.charAt(0)));
  }

  static boolean isValidation(String row) {
    return Character.isUpperCase(row.charAt(0));
  }

  /** The text of a row that is to be ingested. */
  static String text(String row) {
    return row.substring(kind(row) == RowKind.WEIGHTED_TEXT ? 1 + WEIGHT_DIGITS : 1);
  }

  /** The weight of a row that is to be ingested: 1 if the frame has none. */
  static double weight(String row) {
    return kind(row) == RowKind.WEIGHTED_TEXT
        ? Double.longBitsToDouble(HexFormat.fromHexDigitsToLong(row, 1, 1 + WEIGHT_DIGITS))
        : 1;
  }

  private static char mark(RowKind kind, boolean validation) {
    return validation ? Character.toUpperCase(kind.mark()) : kind.mark();
  }

  private static String digits(double weight) {
    return HexFormat.of().toHexDigits(Double.doubleToLongBits(weight));
  }
}
