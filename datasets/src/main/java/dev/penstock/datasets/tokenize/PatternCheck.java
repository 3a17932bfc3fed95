package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Checks patterns before the native library's engine (Oniguruma) gets them. It gives up, and takes
 * the JVM with it, when a search goes back and forth too often; so repetitions within repetitions
 * and references are refused, which no known tokenizer has. Says also whether a pattern can match
 * nothing at all, which the library's replacing does not survive.
 */
final class PatternCheck {
  private static final int MOST_REPEATED = 1000;
  private static final int MOST_UNBOUNDED = 4;
  private static final int DEEPEST = 20;

  private final String pattern;
  private final JsonFields fields;
  private int at;

  private PatternCheck(String pattern, JsonFields fields) {
    this.pattern = pattern;
    this.fields = fields;
  }

  /** What is known of a part: whether it can match nothing, and its unbounded repetitions. */
  private record Part(boolean nullable, int unbounded) {}

  /**
   * Checks the field {@code pattern}: an object with either a String, to be found as it is, or a
   * Regex.
   *
   * @return whether it can match nothing
   */
  static boolean check(JsonFields fields) {
    JsonNode pattern = fields.node().path("pattern");
    if (!pattern.isObject() || pattern.size() != 1) {
      throw fields.wrong("pattern", "an object with a String or a Regex");
    }
    JsonFields inner = new JsonFields(pattern, fields.where() + ".pattern");
    if (pattern.has("String")) {
      return inner.text("String").isEmpty();
    }
    return new PatternCheck(inner.text("Regex"), fields).whole().nullable;
  }

  private Part whole() {
    Part part = alternatives(0);
    if (at < pattern.length()) {
      throw refused("a parenthesis too many");
    }
    return part;
  }

  private Part alternatives(int depth) {
    if (depth > DEEPEST) {
      throw refused("groups nested too deeply");
    }
    boolean nullable = false;
    int unbounded = 0;
    while (true) {
      Part branch = branch(depth);
      nullable |= branch.nullable;
      unbounded = Math.max(unbounded, branch.unbounded);
      if (at == pattern.length() || pattern.charAt(at) == ')') {
        return new Part(nullable, unbounded);
      }
      at++; // |
    }
  }

  private Part branch(int depth) {
    boolean nullable = true;
    int unbounded = 0;
    while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      Part item = repeated(atom(depth));
      nullable &= item.nullable;
      unbounded += item.unbounded;
    }
    if (unbounded > MOST_UNBOUNDED) {
      throw refused(
          String.format(
              Locale.ROOT, "more than %d unbounded repetitions in a row", MOST_UNBOUNDED));
    }
    return new Part(nullable, unbounded);
  }

  private Part atom(int depth) {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '(' -> group(depth);
      case '[' -> characterClass();
      case '\\' -> escape();
      case '^', '$' -> new Part(true, 0);
      default -> new Part(false, 0);
    };
  }

  private Part repeated(Part atom) {
    Part part = atom;
    while (at < pattern.length()) {
      char c = pattern.charAt(at);
      int end = at + 1;
      boolean unbounded = c == '*' || c == '+';
      boolean nullable = c == '*' || c == '?';
      if (c == '{') {
        end = pattern.indexOf('}', at) + 1;
        String range = end == 0 ? "" : pattern.substring(at + 1, end - 1);
        if (!range.matches("\\d*,?\\d*") || range.isEmpty() || range.equals(",")) {
          return part; // a brace that is meant
        }
        String[] ends = range.split(",", -1);
        unbounded = ends.length == 2 && ends[1].isEmpty();
        nullable = ends[0].isEmpty() || bounded(ends[0]) == 0;
        bounded(ends[ends.length - 1]);
      } else if (!unbounded && !nullable) {
        return part;
      }
      at = end;
      if (unbounded && part.unbounded > 0) {
        throw refused("a repetition without bound within another");
      }
      part = new Part(part.nullable || nullable, part.unbounded + (unbounded ? 1 : 0));
      boolean modified =
          at < pattern.length()
              && (pattern.charAt(at) == '?' || (pattern.charAt(at) == '+' && c != '{'));
      at += modified ? 1 : 0; // lazy or possessive
    }
    return part;
  }

  private int bounded(String digits) {
    if (digits.length() > 4 || (!digits.isEmpty() && Integer.parseInt(digits) > MOST_REPEATED)) {
      throw refused(String.format(Locale.ROOT, "more than %d repetitions", MOST_REPEATED));
    }
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  private Part group(int depth) {
    boolean looksAround = false;
    if (pattern.startsWith("?", at)) {
      int begin = at;
      for (String prefix : new String[] {"?:", "?>"}) {
        at += pattern.startsWith(prefix, at) ? prefix.length() : 0;
      }
      for (String prefix : new String[] {"?=", "?!", "?<=", "?<!"}) {
        if (at == begin && pattern.startsWith(prefix, at)) {
          at += prefix.length();
          looksAround = true;
        }
      }
      if (at == begin && options()) {
        return new Part(true, 0); // (?i) up to the end of the group
      }
    }
    Part inner = alternatives(depth + 1);
    if (at == pattern.length()) {
      throw refused("a group that does not end");
    }
    at++;
    return looksAround ? new Part(true, inner.unbounded) : inner;
  }

  /** Reads {@code ?i:} or {@code ?i)}; whether it was the latter. */
  private boolean options() {
    int end = at + 1;
    while (end < pattern.length() && "imx-".indexOf(pattern.charAt(end)) >= 0) {
      end++;
    }
    if (end == at + 1 || end == pattern.length() || ":)".indexOf(pattern.charAt(end)) < 0) {
      throw refused("a kind of group that is not known");
    }
    at = end + 1;
    return pattern.charAt(end) == ')';
  }

  private Part characterClass() {
    int depth = 1;
    boolean first = true;
    while (depth > 0) {
      if (at == pattern.length()) {
        throw refused("a character class that does not end");
      }
      char c = pattern.charAt(at++);
      boolean closesEarly = c == ']' && first;
      first = (c == '^' && first) || c == '[';
      if (c == '\\') {
        at++;
        first = false;
      } else if (c == '[') {
        depth++;
      } else if (c == ']' && !closesEarly) {
        depth--;
      }
    }
    return new Part(false, 0);
  }

  private Part escape() {
    if (at == pattern.length()) {
      throw refused("a backslash at its end");
    }
    char c = pattern.charAt(at++);
    if (c == 'p' || c == 'P' || c == 'x') {
      if (at < pattern.length() && pattern.charAt(at) == '{') {
        at = pattern.indexOf('}', at) + 1;
        if (at == 0) {
          throw refused("a property that does not end");
        }
      }
    } else if ((c >= '1' && c <= '9')
        || c == 'k'
        || c == 'g'
        || c == 'K'
        || c == 'c'
        || c == 'C'
        || c == 'M'
        || c == 'X') {
      throw refused("the reference or escape \\" + c);
    }
    return new Part("bBAzZGyY".indexOf(c) >= 0, 0);
  }

  private DatasetException refused(String why) {
    return fields.refused("has the pattern %.300s with %s".formatted(pattern, why));
  }

  /** The bytes of a text in UTF-8, which native code counts in. */
  static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
