package dev.penstock.datasets.tokenize;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.IntStream;

/** Characters by which it is found out whether parts of a pattern can take the same ones. */
final class SampleChars {
  private static final int ALL_BELOW = 0x250;
  private static final int EVERY = 13;
  private static final int FLAGS =
      Pattern.UNICODE_CHARACTER_CLASS | Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE;

  /** What Java reads otherwise than Oniguruma, which may be anything then. */
  private static final Pattern OTHERWISE = Pattern.compile("\\[:|\\\\[hHRONX]|\\\\p\\{\\^");

  private final List<String> samples = new ArrayList<>();

  /** Those of a pattern: the characters in it, and some of all kinds. */
  SampleChars(String pattern) {
    IntStream.concat(
            pattern.codePoints(),
            IntStream.concat(
                IntStream.range(0, ALL_BELOW),
                IntStream.iterate(ALL_BELOW, c -> c <= 0x1ffff, c -> c + EVERY)))
        .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
        .distinct()
        .forEach(c -> samples.add(Character.toString(c)));
  }

  /** Which of them one character of a pattern, or a class of them, may be. */
  BitSet of(String atom) {
    BitSet chars = new BitSet();
    if (!atom.equals(".") && !OTHERWISE.matcher(atom).find()) {
      try {
        var test =
            Pattern.compile(isPlain(atom) ? Pattern.quote(atom) : atom, FLAGS).asMatchPredicate();
        IntStream.range(0, samples.size())
            .filter(i -> test.test(samples.get(i)))
            .forEach(chars::set);
        return chars;
      } catch (PatternSyntaxException e) {
        chars.clear(); // it may be anything
      }
    }
    chars.set(0, samples.size());
    return chars;
  }

  private static boolean isPlain(String atom) {
    return atom.charAt(0) != '[' && atom.charAt(0) != '\\';
  }
}
