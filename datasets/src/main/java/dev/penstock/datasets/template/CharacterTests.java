package dev.penstock.datasets.template;

import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** The methods of strings that ask for kinds of characters. */
final class CharacterTests {
  private CharacterTests() {}

  static @Nullable Callable find(String text, String name) {
    return switch (name) {
      case "isdigit" -> all(text, CharacterTests::isDigit);
      case "isdecimal" ->
          all(text, point -> Character.getType(point) == Character.DECIMAL_DIGIT_NUMBER);
      case "isnumeric" -> all(text, CharacterTests::isNumeric);
      case "isalpha" -> all(text, Character::isLetter);
      case "isalnum" -> all(text, point -> Character.isLetter(point) || isNumeric(point));
      case "isspace" -> all(text, CodePoints::isSpace);
      case "isascii" -> arguments -> text.chars().allMatch(c -> c < 128);
      case "isupper" -> cased(text, Character::isUpperCase);
      case "islower" -> cased(text, Character::isLowerCase);
      case "istitle" ->
          arguments ->
              text.codePoints().anyMatch(Casing::isCased) && Casing.title(text).equals(text);
      case "isidentifier" ->
          arguments ->
              !text.isEmpty()
                  && (text.codePointAt(0) == '_'
                      || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                  && text.codePoints().allMatch(Character::isUnicodeIdentifierPart);
      default -> null;
    };
  }

  private static boolean isDigit(int point) {
    return Character.isDigit(point) || "\u00b2\u00b3\u00b9".indexOf(point) >= 0;
  }

  private static boolean isNumeric(int point) {
    int type = Character.getType(point);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.LETTER_NUMBER
        || type == Character.OTHER_NUMBER;
  }

  private static Callable all(String text, IntPredicate kind) {
    return arguments -> !text.isEmpty() && text.codePoints().allMatch(kind);
  }

  private static Callable cased(String text, IntPredicate kind) {
    return arguments ->
        text.codePoints().anyMatch(kind)
            && text.codePoints().allMatch(point -> !Casing.isCased(point) || kind.test(point));
  }
}
