package dev.penstock.datasets.pack;

/**
 * What becomes of a document that is longer than a sequence, where it may not go on in the next.
 */
public enum Truncation {
  /** It is refused. */
  ERROR,
  /** It loses its end. */
  RIGHT,
  /** It loses its beginning. */
  LEFT
}
