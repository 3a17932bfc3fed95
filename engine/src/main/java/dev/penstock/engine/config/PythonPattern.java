package dev.penstock.engine.config;

import java.util.BitSet;

/**
 * A regular expression as Python's {@code re} reads it, for whole texts.
 *
 * <p>Patterns come from files of strangers, so matching must be bounded: instead of trying one way
 * after another, as Python's engine and the JDK's do, each part of the pattern is asked once for
 * each position where a match of it from there may end. That takes look-around too, which engines
 * made of automata (RE2) lack. What goes beyond, back-references and the like, is refused by name.
 *
 * <p>Used by one thread.
 */
public final class PythonPattern {
  /** Far above any pattern for the modules of any model; some seconds. */
  private static final long MOST_STEPS = 100_000_000;

  /** Far above any pattern for the name of a module. */
  private static final long MOST_STEPS_OF_A_TEXT = 1_000_000;

  private final String text;
  private final PatternNode root;
  private final int numNodes;
  private long steps;

  private PythonPattern(String text, PatternNode root, int numNodes) {
    this.text = text;
    this.root = root;
    this.numNodes = numNodes;
  }

  /**
   * Reads a pattern.
   *
   * @throws ConfigException naming what is wrong, or not supported
   */
  public static PythonPattern parse(String text) {
    PatternParser parser = new PatternParser(text);
    PatternNode root = parser.parse();
    return new PythonPattern(text, root, parser.numNodes());
  }

  /**
   * Whether the pattern matches the whole text: {@code re.fullmatch}.
   *
   * @throws ConfigException if that takes too long, with all that was matched before
   */
  public boolean matches(String subject) {
    return new Run(subject).ends(root, 0).get(subject.length());
  }

  /** The matching of one text. */
  final class Run {
    private final String subject;
    private final BitSet[][] known;
    private final long lastStep = Math.min(MOST_STEPS, steps + MOST_STEPS_OF_A_TEXT);

    private Run(String subject) {
      this.subject = subject;
      known = new BitSet[numNodes][];
    }

    String subject() {
      return subject;
    }

    /** Where matches of a node from a position end. Not to be changed. */
    BitSet ends(PatternNode node, int start) {
      BitSet[] ofNode = known[node.id()];
      if (ofNode == null) {
        ofNode = new BitSet[subject.length() + 1];
        known[node.id()] = ofNode;
      }
      if (ofNode[start] == null) {
        ofNode[start] = node.ends(start, this);
      }
      return ofNode[start];
    }

    /** Where matches of a node end that begin at any of some positions. */
    BitSet ends(PatternNode node, BitSet starts) {
      BitSet all = new BitSet();
      for (int at = starts.nextSetBit(0); at >= 0; at = starts.nextSetBit(at + 1)) {
        all.or(ends(node, at));
        if (++steps > lastStep) {
          throw new ConfigException(
              "The pattern '%s' takes too long to match. Name the modules in a list instead."
                  .formatted(Quoted.plain(text)));
        }
      }
      return all;
    }
  }
}
