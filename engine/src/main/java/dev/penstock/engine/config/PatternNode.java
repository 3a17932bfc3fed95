package dev.penstock.engine.config;

import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;

/** A part of a {@link PythonPattern}. */
sealed interface PatternNode {
  /** Number of the node in its pattern. */
  int id();

  /** Where matches from a position end. */
  BitSet ends(int start, PythonPattern.Run run);

  /** One character. */
  record One(int id, IntPredicate characters) implements PatternNode {
    @Override
    public BitSet ends(int start, PythonPattern.Run run) {
      String subject = run.subject();
      boolean found = start < subject.length() && characters.test(subject.charAt(start));
      return found ? only(start + 1) : new BitSet();
    }
  }

  /** Parts one after the other; none match the empty text. */
  record Sequence(int id, List<PatternNode> parts) implements PatternNode {
    @Override
    public BitSet ends(int start, PythonPattern.Run run) {
      BitSet ends = only(start);
      for (PatternNode part : parts) {
        ends = run.ends(part, ends);
      }
      return ends;
    }
  }

  /** One of several parts. */
  record Choice(int id, List<PatternNode> parts) implements PatternNode {
    @Override
    public BitSet ends(int start, PythonPattern.Run run) {
      BitSet from = only(start);
      BitSet ends = new BitSet();
      parts.forEach(part -> ends.or(run.ends(part, from)));
      return ends;
    }
  }

  /** A part so many times; greedy or not, the texts are the same. */
  record Repeat(int id, PatternNode part, int least, int most) implements PatternNode {
    @Override
    public BitSet ends(int start, PythonPattern.Run run) {
      BitSet ends = only(start);
      // After twice the length of the text, further rounds change nothing.
      int rounds = Math.min(least, 2 * (run.subject().length() + 1));
      for (int i = 0; i < rounds; i++) {
        ends = run.ends(part, ends);
      }
      BitSet all = (BitSet) ends.clone();
      BitSet fresh = ends;
      for (int i = least; i < most && !fresh.isEmpty(); i++) {
        fresh = run.ends(part, fresh);
        fresh.andNot(all);
        all.or(fresh);
      }
      return all;
    }
  }

  /** Look-ahead or look-behind. */
  record Look(int id, PatternNode part, boolean ahead, boolean wanted) implements PatternNode {
    @Override
    public BitSet ends(int start, PythonPattern.Run run) {
      boolean found = false;
      if (ahead) {
        found = !run.ends(part, only(start)).isEmpty();
      } else {
        for (int from = 0; from <= start && !found; from++) {
          found = run.ends(part, only(from)).get(start);
        }
      }
      return found == wanted ? only(start) : new BitSet();
    }
  }

  /** A place between characters. */
  record Place(int id, Kind kind) implements PatternNode {
    enum Kind {
      BEGIN,
      END,
      WORD_EDGE,
      NO_WORD_EDGE
    }

    @Override
    public BitSet ends(int start, PythonPattern.Run run) {
      String subject = run.subject();
      boolean here =
          switch (kind) {
            case BEGIN -> start == 0;
            case END -> start == subject.length();
            case WORD_EDGE -> isWord(subject, start - 1) != isWord(subject, start);
            case NO_WORD_EDGE -> isWord(subject, start - 1) == isWord(subject, start);
          };
      return here ? only(start) : new BitSet();
    }

    private static boolean isWord(String subject, int at) {
      return at >= 0 && at < subject.length() && PatternClasses.isWord(subject.charAt(at));
    }
  }

  private static BitSet only(int position) {
    BitSet set = new BitSet();
    set.set(position);
    return set;
  }
}
