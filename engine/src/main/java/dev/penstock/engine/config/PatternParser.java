package dev.penstock.engine.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** Reads a {@link PythonPattern}. */
final class PatternParser {
  private static final int MOST_CHARACTERS = 4096;
  private static final int DEEPEST = 100;
  private static final int UNLIMITED = Integer.MAX_VALUE;
  private static final String FLAGS = "isau";

  private final String text;
  private int at;
  private int numNodes;
  private int depth;
  private boolean anyCase;
  private boolean dotIsAll;

  PatternParser(String text) {
    this.text = text;
  }

  PatternNode parse() {
    if (text.length() > MOST_CHARACTERS) {
      throw wrong(String.format(Locale.ROOT, "has more than %d characters", MOST_CHARACTERS));
    }
    PatternNode root = choice();
    if (at < text.length()) {
      throw wrong("has a ) too many");
    }
    return root;
  }

  int numNodes() {
    return numNodes;
  }

  private PatternNode choice() {
    List<PatternNode> parts = new ArrayList<>();
    do {
      parts.add(sequence());
    } while (take("|"));
    return parts.size() == 1 ? parts.get(0) : new PatternNode.Choice(numNodes++, parts);
  }

  private PatternNode sequence() {
    List<PatternNode> parts = new ArrayList<>();
    while (at < text.length() && text.charAt(at) != '|' && text.charAt(at) != ')') {
      PatternNode part = atom();
      if (part != null) {
        parts.add(repeated(part));
      }
    }
    return new PatternNode.Sequence(numNodes++, parts);
  }

  private PatternNode repeated(PatternNode part) {
    int[] times = times();
    if (times == null) {
      return part;
    }
    if (part instanceof PatternNode.Place) {
      throw wrong("repeats a place, which has no length");
    }
    if (!take("?") && take("+")) {
      throw wrong("has a possessive repetition, which is not supported");
    }
    if (times() != null) {
      throw wrong("repeats a repetition");
    }
    return new PatternNode.Repeat(numNodes++, part, times[0], times[1]);
  }

  private int @Nullable [] times() {
    if (take("*")) {
      return new int[] {0, UNLIMITED};
    }
    if (take("+")) {
      return new int[] {1, UNLIMITED};
    }
    if (take("?")) {
      return new int[] {0, 1};
    }
    int begin = at;
    if (!take("{")) {
      return null;
    }
    String least = digits();
    String most = take(",") ? digits() : least;
    // As in Python, a brace that says no number is a character.
    if (!take("}") || (least.isEmpty() && at == begin + 2)) {
      at = begin;
      return null;
    }
    int[] times = {number(least, 0), number(most, UNLIMITED)};
    if (times[0] > times[1]) {
      throw wrong(
          String.format(
              Locale.ROOT, "repeats at least %d and at most %d times", times[0], times[1]));
    }
    return times;
  }

  private String digits() {
    int begin = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return text.substring(begin, at);
  }

  private static int number(String digits, int ifEmpty) {
    if (digits.isEmpty()) {
      return ifEmpty;
    }
    return digits.length() > 9 ? UNLIMITED : Integer.parseInt(digits);
  }

  /** Null for what stands for nothing: a comment, a flag. */
  private @Nullable PatternNode atom() {
    char c = text.charAt(at++);
    return switch (c) {
      case '(' -> group();
      case '[' -> one(set());
      case '.' -> {
        boolean all = dotIsAll;
        yield one(any -> all || any != '\n');
      }
      case '^' -> place(PatternNode.Place.Kind.BEGIN);
      case '$' -> place(PatternNode.Place.Kind.END);
      case '\\' -> escaped();
      case '*', '+', '?' -> throw wrong("has a repetition of nothing");
      default -> one(PatternClasses.literal(c, anyCase));
    };
  }

  private PatternNode one(IntPredicate characters) {
    return new PatternNode.One(numNodes++, characters);
  }

  private PatternNode place(PatternNode.Place.Kind kind) {
    return new PatternNode.Place(numNodes++, kind);
  }

  private @Nullable PatternNode group() {
    if (!take("?")) {
      return inside();
    }
    if (take("#")) {
      at = text.indexOf(')', at) + 1;
      if (at == 0) {
        throw wrong("has a ( too many");
      }
      return null;
    }
    if (take("P<")) {
      int end = text.indexOf('>', at);
      if (end <= at) {
        throw wrong("has a group whose name does not end");
      }
      at = end + 1;
      return inside();
    }
    if (take("=") || take("!")) {
      return look(true, text.charAt(at - 1) == '=');
    }
    if (take("<=") || take("<!")) {
      return look(false, text.charAt(at - 1) == '=');
    }
    if (take(":")) {
      return inside();
    }
    return flags();
  }

  private PatternNode look(boolean ahead, boolean wanted) {
    PatternNode part = inside();
    return new PatternNode.Look(numNodes++, part, ahead, wanted);
  }

  private @Nullable PatternNode flags() {
    int begin = at;
    while (at < text.length() && FLAGS.indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String flags = text.substring(begin, at);
    boolean oldCase = anyCase;
    boolean oldDot = dotIsAll;
    anyCase |= flags.contains("i");
    dotIsAll |= flags.contains("s");
    if (!flags.isEmpty() && take(")")) {
      return null;
    }
    if (flags.isEmpty() || !take(":")) {
      int end = Math.min(text.length(), at + 3);
      throw wrong("has (?%s, which is not supported".formatted(text.substring(begin, end)));
    }
    PatternNode part = inside();
    anyCase = oldCase;
    dotIsAll = oldDot;
    return part;
  }

  private PatternNode inside() {
    if (++depth > DEEPEST) {
      throw wrong(String.format(Locale.ROOT, "has more than %d groups in each other", DEEPEST));
    }
    PatternNode part = choice();
    depth--;
    if (!take(")")) {
      throw wrong("has a ( too many");
    }
    return part;
  }

  private PatternNode escaped() {
    if (at == text.length()) {
      throw wrong("ends with a backslash");
    }
    char c = text.charAt(at++);
    switch (c) {
      case 'A':
        return place(PatternNode.Place.Kind.BEGIN);
      case 'Z':
        return place(PatternNode.Place.Kind.END);
      case 'b':
        return place(PatternNode.Place.Kind.WORD_EDGE);
      case 'B':
        return place(PatternNode.Place.Kind.NO_WORD_EDGE);
      default:
        IntPredicate set = PatternClasses.of(c);
        return one(set == null ? PatternClasses.literal(character(c), anyCase) : set);
    }
  }

  /** The character that an escaped one stands for. */
  private char character(char c) {
    if (c >= '1' && c <= '9') {
      throw wrong("has the back-reference \\%s, which is not supported".formatted(c));
    }
    int letter = "tnrfv".indexOf(c);
    if (letter >= 0) {
      return "\t\n\r\f\u000b".charAt(letter);
    }
    if (c < 128 && Character.isLetterOrDigit(c)) {
      throw wrong("has \\%s, which is not supported".formatted(c));
    }
    return c;
  }

  /** The characters of a set in brackets, behind the first of them. */
  private IntPredicate set() {
    boolean others = take("^");
    IntPredicate all = c -> false;
    boolean first = true;
    while (first || !take("]")) {
      first = false;
      IntPredicate named = namedSet();
      all = all.or(named == null ? range(member()) : named);
    }
    return others ? all.negate() : all;
  }

  private @Nullable IntPredicate namedSet() {
    if (at + 1 >= text.length() || text.charAt(at) != '\\') {
      return null;
    }
    IntPredicate named = PatternClasses.of(text.charAt(at + 1));
    at += named == null ? 0 : 2;
    return named;
  }

  private IntPredicate range(char from) {
    boolean isRange =
        at + 1 < text.length() && text.charAt(at) == '-' && text.charAt(at + 1) != ']';
    if (!isRange) {
      return PatternClasses.literal(from, anyCase);
    }
    at++;
    char to = member();
    if (from > to) {
      throw wrong("has the range %s-%s".formatted(from, to));
    }
    return PatternClasses.range(from, to, anyCase);
  }

  private char member() {
    if (at == text.length()) {
      throw wrong("has a [ that does not end");
    }
    char c = text.charAt(at++);
    if (c != '\\') {
      return c;
    }
    if (at == text.length()) {
      throw wrong("ends with a backslash");
    }
    char next = text.charAt(at++);
    return next == 'b' ? '\b' : character(next);
  }

  private boolean take(String wanted) {
    boolean found = text.startsWith(wanted, at);
    at += found ? wanted.length() : 0;
    return found;
  }

  private ConfigException wrong(String what) {
    return new ConfigException(
        String.format(
            Locale.ROOT,
            "The pattern '%s' %s, near character %d.",
            Quoted.plain(text),
            what,
            Math.min(at, text.length())));
  }
}
