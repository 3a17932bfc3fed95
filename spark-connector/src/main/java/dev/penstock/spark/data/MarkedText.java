package dev.penstock.spark.data;

import org.jspecify.annotations.Nullable;

/**
 * A text that may be null with whether it is to validate on, as one string: a mark and the text.
 * Strings, because every serializer of Spark knows them.
 */
final class MarkedText {
  private static final char TRAINING = 't';
  private static final char VALIDATION = 'v';
  private static final char TRAINING_NULL = 'T';
  private static final char VALIDATION_NULL = 'V';

  private MarkedText() {}

  static String of(@Nullable String text, boolean validation) {
    if (text == null) {
      return String.valueOf(validation ? VALIDATION_NULL : TRAINING_NULL);
    }
    return (validation ? VALIDATION : TRAINING) + text;
  }

  static boolean isValidation(String marked) {
    return marked.charAt(0) == VALIDATION || marked.charAt(0) == VALIDATION_NULL;
  }

  static @Nullable String text(String marked) {
    return Character.isUpperCase(marked.charAt(0)) ? null : marked.substring(1);
  }
}
