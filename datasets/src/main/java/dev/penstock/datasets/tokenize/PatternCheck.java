package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.datasets.DatasetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/**
 * Checks patterns before the native library's engine (Oniguruma) gets them. It gives up, and takes
 * the JVM with it, when a search goes back and forth too often; so repetitions within repetitions,
 * those that can share a text in too many ways, and references are refused, which no known
 * tokenizer has. Says also whether a pattern can match nothing at all, which the library's
 * replacing does not survive.
 */
final class PatternCheck {
  private static final int MOST_REPEATED = 1000;
  private static final int LARGE = 16;
  private static final int DEEPEST = 20;

  private final String pattern;
  private final JsonFields fields;
  private final SampleChars samples;
  private int at;

  private PatternCheck(String pattern, JsonFields fields) {
    this.pattern = pattern;
    this.fields = fields;
    this.samples = new SampleChars(pattern);
  }

  /**
   * What is known of a part.
   *
   * @param unbounded whether repetitions without bound are in it
   * @param rows the steps of each of its alternatives
   */
  private record Part(boolean unbounded, List<List<PatternStep>> rows) {
    static Part of(PatternStep step) {
      return new Part(false, List.of(List.of(step)));
    }

    boolean nullable() {
      return rows.stream().anyMatch(row -> row.stream().allMatch(PatternStep::nullable));
    }
  }

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
    return new PatternCheck(inner.text("Regex"), fields).whole().nullable();
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
    boolean unbounded = false;
    List<List<PatternStep>> rows = new ArrayList<>();
    while (true) {
      Part branch = branch(depth);
      unbounded |= branch.unbounded;
      rows.addAll(branch.rows);
      if (at == pattern.length() || pattern.charAt(at) == ')') {
        return new Part(unbounded, rows);
      }
      at++; // |
    }
  }

  private Part branch(int depth) {
    boolean unbounded = false;
    List<PatternStep> row = new ArrayList<>();
    while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      Part item = repeated(atom(depth));
      unbounded |= item.unbounded;
      if (item.rows.size() == 1) {
        row.addAll(item.rows.get(0));
      } else {
        row.add(oneOf(item));
      }
    }
    inARow(row);
    return new Part(unbounded, List.of(row));
  }

  private PatternStep inARow(List<PatternStep> row) {
    PatternStep step = PatternStep.of(row);
    if (step == null) {
      throw refused("repetitions that can share a text in too many ways");
    }
    return step;
  }

  /** One step for alternatives. */
  private PatternStep oneOf(Part part) {
    BitSet chars = new BitSet();
    int degree = 0;
    double ways = 0;
    for (List<PatternStep> row : part.rows) {
      PatternStep step = inARow(row);
      chars.or(step.chars());
      degree = Math.max(degree, step.degree());
      ways += step.ways();
    }
    return new PatternStep(chars, part.nullable(), false, degree, Math.max(1, ways));
  }

  private Part atom(int depth) {
    char c = pattern.charAt(at++);
    return switch (c) {
      case '(' -> group(depth);
      case '[' -> characterClass();
      case '\\' -> escape();
      case '^', '$' -> Part.of(PatternStep.lookAround());
      default -> one(Character.isHighSurrogate(c) && at < pattern.length() ? at++ - 1 : at - 1);
    };
  }

  /** One character, or a class of them, that began there and has been read. */
  private Part one(int begin) {
    return Part.of(PatternStep.one(samples.of(pattern.substring(begin, at))));
  }

  private Part repeated(Part atom) {
    Part part = atom;
    while (at < pattern.length()) {
      char c = pattern.charAt(at);
      int end = at + 1;
      int least = c == '+' ? 1 : 0;
      int most = c == '?' ? 1 : Integer.MAX_VALUE;
      if (c == '{') {
        end = pattern.indexOf('}', at) + 1;
        String range = end == 0 ? "" : pattern.substring(at + 1, end - 1);
        if (!range.matches("\\d*,?\\d*") || range.isEmpty() || range.equals(",")) {
          return part; // a brace that is meant
        }
        String[] ends = range.split(",", -1);
        least = bounded(ends[0]);
        most = ends.length == 2 && ends[1].isEmpty() ? most : bounded(ends[ends.length - 1]);
      } else if (c != '*' && c != '+' && c != '?') {
        return part;
      }
      at = end;
      part = repeated(part, least, most);
      boolean modified =
          at < pattern.length()
              && (pattern.charAt(at) == '?' || (pattern.charAt(at) == '+' && c != '{'));
      at += modified ? 1 : 0; // lazy or possessive
    }
    return part;
  }

  private Part repeated(Part part, int least, int most) {
    boolean unbounded = most == Integer.MAX_VALUE;
    if (unbounded && part.unbounded) {
      throw refused("a repetition without bound within another");
    }
    if (most > LARGE && !PatternStep.repeatsInOneWay(part.rows)) {
      throw refused("a repetition that can take a text in several ways");
    }
    PatternStep step = oneOf(part);
    boolean nullable = step.nullable() || least == 0;
    PatternStep repeated =
        most > LARGE
            ? new PatternStep(step.chars(), nullable, false, step.degree() + 1, step.ways())
            : new PatternStep(
                step.chars(),
                nullable,
                false,
                step.degree() * most,
                Math.pow(step.ways(), most) * (Math.max(0, most - least) + 1));
    return new Part(part.unbounded || unbounded, List.of(List.of(repeated)));
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
        return Part.of(PatternStep.lookAround()); // (?i) up to the end of the group
      }
    }
    Part inner = alternatives(depth + 1);
    if (at == pattern.length()) {
      throw refused("a group that does not end");
    }
    at++;
    return looksAround
        ? new Part(inner.unbounded, List.of(List.of(PatternStep.lookAround())))
        : inner;
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
    int begin = at - 1;
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
    return one(begin);
  }

  private Part escape() {
    if (at == pattern.length()) {
      throw refused("a backslash at its end");
    }
    int begin = at - 1;
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
    return "bBAzZGyY".indexOf(c) >= 0 ? Part.of(PatternStep.lookAround()) : one(begin);
  }

  private DatasetException refused(String why) {
    return fields.refused("has the pattern %.300s with %s".formatted(pattern, why));
  }

  /** The bytes of a text in UTF-8, which native code counts in. */
  static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}
