package dev.penstock.engine.config;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Sets of characters that Python's patterns have letters for. */
final class PatternClasses {
  private PatternClasses() {}

  /** The set of {@code \d}, {@code \w} or {@code \s}, or all others; null for another letter. */
  static @Nullable IntPredicate of(char letter) {
    return switch (letter) {
      case 'd' -> Character::isDigit;
      case 'D' -> not(Character::isDigit);
      case 'w' -> PatternClasses::isWord;
      case 'W' -> not(PatternClasses::isWord);
      case 's' -> Character::isWhitespace;
      case 'S' -> not(Character::isWhitespace);
      default -> null;
    };
  }

  static boolean isWord(int c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }

  /** One character, in capitals or not if wanted. */
  static IntPredicate literal(char wanted, boolean anyCase) {
    return anyCase ? c -> fold(c) == fold(wanted) : c -> c == wanted;
  }

  static IntPredicate range(char first, char last, boolean anyCase) {
    return anyCase
        ? c ->
            within(Character.toLowerCase(c), first, last)
                || within(Character.toUpperCase(c), first, last)
        : c -> within(c, first, last);
  }

  private static boolean within(int c, char first, char last) {
    return c >= first && c <= last;
  }

  private static int fold(int c) {
    return Character.toLowerCase(Character.toUpperCase(c));
  }

  private static IntPredicate not(IntPredicate set) {
    return set.negate();
  }
}
