package dev.penstock.datasets.tokenize;

import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a search goes through at once: a character, a repetition of something, or a look at what
 * surrounds it.
 *
 * @param chars which of {@link SampleChars} it may take
 * @param nullable whether it may take nothing
 * @param look whether it takes nothing, and may fail for what it sees
 * @param degree in how many independent ways it may end within a run of one character, as a power
 *     of the run's length
 * @param ways by what the run's length to that power is multiplied
 */
record PatternStep(BitSet chars, boolean nullable, boolean look, int degree, double ways) {
  private static final double MOST_WAYS_OF_A_RUN = 64;
  private static final double MOST_WAYS = 1e6;

  /** One character. */
  static PatternStep one(BitSet chars) {
    return new PatternStep(chars, false, false, 0, 1);
  }

  /** A look at what surrounds it. */
  static PatternStep lookAround() {
    return new PatternStep(new BitSet(), true, true, 0, 1);
  }

  /** Whether trying all ways takes longer than the native engine bears. */
  private static boolean isTooMuch(int degree, double ways) {
    return degree >= 2 || (degree == 1 && ways > MOST_WAYS_OF_A_RUN) || ways > MOST_WAYS;
  }

  /** May take different lengths. */
  boolean varies() {
    return (nullable && !look) || degree > 0 || ways > 1;
  }

  /**
   * One step instead of steps in a row.
   *
   * @return null if they can share a run of one character in more ways than the engine bears, and
   *     then fail
   */
  static @Nullable PatternStep of(List<PatternStep> row) {
    BitSet chars = new BitSet();
    row.forEach(step -> chars.or(step.chars));
    int mostDegree = 0;
    double mostWays = 1;
    for (int c = chars.nextSetBit(0); c >= 0; c = chars.nextSetBit(c + 1)) {
      int degree = 0;
      double ways = 1;
      for (PatternStep step : row) {
        if (step.chars.get(c)) {
          degree += step.degree;
          ways *= step.ways;
          mostDegree = Math.max(mostDegree, degree);
          mostWays = Math.max(mostWays, ways);
        } else if (step.look || !step.nullable) {
          if (isTooMuch(degree, ways)) {
            return null;
          }
          degree = step.look ? degree : 0;
          ways = step.look ? ways : 1;
        }
      }
    }
    boolean nullable = row.stream().allMatch(PatternStep::nullable);
    return new PatternStep(chars, nullable, false, mostDegree, mostWays);
  }

  /** What the steps in a row may take first. */
  static BitSet first(List<PatternStep> row) {
    BitSet first = new BitSet();
    for (PatternStep step : row) {
      first.or(step.chars);
      if (!step.nullable) {
        break;
      }
    }
    return first;
  }

  /** Whether repeating one of these rows over and over takes a text in one way only. */
  static boolean repeatsInOneWay(List<List<PatternStep>> rows) {
    BitSet starts = new BitSet();
    for (List<PatternStep> row : rows) {
      BitSet first = first(row);
      if (first.intersects(starts)) {
        return false;
      }
      starts.or(first);
    }
    for (List<PatternStep> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        List<PatternStep> rest = row.subList(i + 1, row.size());
        BitSet next = first(rest);
        if (rest.stream().allMatch(PatternStep::nullable)) {
          next.or(starts);
        }
        if (row.get(i).varies() && row.get(i).chars.intersects(next)) {
          return false;
        }
      }
    }
    return true;
  }
}
