package dev.penstock.spark.recipe;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A text read as NeMo AutoModel reads values of the command line, and texts of a file once more: as
 * a literal of Python where it is one, else as it stands.
 */
final class PythonLiteral {
  private static final int MAX_LENGTH = 1000;
  private static final int MAX_DEPTH = 20;
  private static final Pattern INTEGER =
      Pattern.compile(
          "0(?:_?0)*|[1-9](?:_?[0-9])*|0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+");
  private static final String DIGITS = "[0-9](?:_?[0-9])*";
  private static final String EXPONENT = "[eE][-+]?" + DIGITS;
  private static final Pattern REAL =
      Pattern.compile(
          "(?:%1$s)?\\.%1$s(?:%2$s)?|%1$s\\.(?:%2$s)?|%1$s%2$s".formatted(DIGITS, EXPONENT));
  private static final Pattern NUMBER = Pattern.compile("[0-9.](?:[0-9a-zA-Z_.]|(?<=[eE])[-+])*");
  private static final Pattern WORD = Pattern.compile("[A-Za-z]+");

  private final String text;
  private int at;

  private PythonLiteral(String text) {
    this.text = text;
  }

  /** The value, or the text itself. */
  static @Nullable Object parse(String text) {
    if (text.length() > MAX_LENGTH) {
      return text;
    }
    switch (text.strip()) {
      case "true", "True":
        return true;
      case "false", "False":
        return false;
      case "none", "None":
        return null;
      default:
        try {
          return new PythonLiteral(text.strip()).whole();
        } catch (NoLiteral e) {
          return text;
        }
    }
  }

  private @Nullable Object whole() throws NoLiteral {
    Object first = value(0);
    if (!isNext(',')) {
      end();
      return first;
    }
    List<@Nullable Object> tuple = new ArrayList<>();
    tuple.add(first);
    while (skip(',') && at < text.length()) {
      tuple.add(value(0));
    }
    end();
    return tuple;
  }

  private @Nullable Object value(int depth) throws NoLiteral {
    if (depth > MAX_DEPTH) {
      throw new NoLiteral();
    }
    skipSpace();
    char c = at < text.length() ? text.charAt(at) : 0;
    return switch (c) {
      case '[' -> list('[', ']', depth);
      case '(' -> tuple(depth);
      case '{' -> mapOrSet(depth);
      case '\'', '"' -> string(c);
      case '+', '-' -> signed();
      default -> Character.isLetter(c) ? word() : number();
    };
  }

  private Number signed() throws NoLiteral {
    boolean negative = text.charAt(at++) == '-';
    Number number = number();
    if (!negative) {
      return number;
    }
    return number instanceof Double real ? (Number) (-real) : small(integer(number).negate());
  }

  private static BigInteger integer(Number number) {
    return number instanceof BigInteger big ? big : BigInteger.valueOf(number.longValue());
  }

  private Number number() throws NoLiteral {
    String token = token(NUMBER);
    if (INTEGER.matcher(token).matches()) {
      String digits = token.replace("_", "");
      int radix =
          switch (digits.length() > 1 ? Character.toLowerCase(digits.charAt(1)) : ' ') {
            case 'x' -> 16;
            case 'o' -> 8;
            case 'b' -> 2;
            default -> 10;
          };
      return small(new BigInteger(radix == 10 ? digits : digits.substring(2), radix));
    }
    if (REAL.matcher(token).matches()) {
      return Double.valueOf(token.replace("_", ""));
    }
    throw new NoLiteral();
  }

  /** As YAML's reader has it: the smallest type that holds the number. */
  private static Number small(BigInteger number) {
    if (number.bitLength() < Integer.SIZE) {
      return number.intValue();
    }
    return number.bitLength() < Long.SIZE ? (Number) number.longValue() : number;
  }

  private @Nullable Object word() throws NoLiteral {
    return switch (token(WORD)) {
      case "True" -> true;
      case "False" -> false;
      case "None" -> null;
      default -> throw new NoLiteral();
    };
  }

  private String token(Pattern pattern) throws NoLiteral {
    Matcher matcher = pattern.matcher(text).region(at, text.length());
    if (!matcher.lookingAt()) {
      throw new NoLiteral();
    }
    at = matcher.end();
    return matcher.group();
  }

  private List<@Nullable Object> list(char open, char close, int depth) throws NoLiteral {
    List<@Nullable Object> list = new ArrayList<>();
    skip(open);
    while (!skip(close)) {
      list.add(value(depth + 1));
      if (!skip(',') && !isNext(close)) {
        throw new NoLiteral();
      }
    }
    return list;
  }

  /** Parentheses around one value without a comma are none. */
  private @Nullable Object tuple(int depth) throws NoLiteral {
    int begin = at;
    List<@Nullable Object> list = list('(', ')', depth);
    boolean comma = text.substring(begin, at - 1).strip().endsWith(",");
    return list.size() == 1 && !comma ? list.get(0) : list;
  }

  private Object mapOrSet(int depth) throws NoLiteral {
    skip('{');
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    List<@Nullable Object> set = new ArrayList<>();
    while (!skip('}')) {
      Object key = value(depth + 1);
      if (skip(':')) {
        map.put(String.valueOf(key), value(depth + 1));
      } else {
        set.add(key);
      }
      if ((!skip(',') && !isNext('}')) || (!map.isEmpty() && !set.isEmpty())) {
        throw new NoLiteral();
      }
    }
    return set.isEmpty() ? map : set;
  }

  private String string(char quote) throws NoLiteral {
    StringBuilder string = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == quote) {
        at++;
        return string.toString();
      }
      if (c == '\n') {
        break;
      }
      string.append(c == '\\' ? escaped() : String.valueOf(c));
    }
    throw new NoLiteral();
  }

  private String escaped() throws NoLiteral {
    if (++at >= text.length()) {
      throw new NoLiteral();
    }
    char c = text.charAt(at);
    return switch (c) {
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      case '\\', '\'', '"' -> String.valueOf(c);
      default -> "\\" + c;
    };
  }

  private void end() throws NoLiteral {
    skipSpace();
    if (at < text.length()) {
      throw new NoLiteral();
    }
  }

  private boolean isNext(char c) {
    skipSpace();
    return at < text.length() && text.charAt(at) == c;
  }

  private boolean skip(char c) {
    boolean next = isNext(c);
    if (next) {
      at++;
      skipSpace();
    }
    return next;
  }

  private void skipSpace() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  /** The text is none. */
  private static final class NoLiteral extends Exception {
    private static final long serialVersionUID = 1L;

    NoLiteral() {
      super(null, null, false, false);
    }
  }
}
