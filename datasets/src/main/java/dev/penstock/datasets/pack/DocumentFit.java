package dev.penstock.datasets.pack;

/** How documents are laid into sequences. */
public enum DocumentFit {
  /** One behind the other; a document goes on in the next sequence. Nothing is lost. */
  SPLIT,
  /**
   * One behind the other, but a document that does not fit any more begins the next sequence and
   * the rest is padded. One longer than a sequence is truncated, which is counted.
   */
  WHOLE,
  /** One document a sequence, the rest padded. A longer one is truncated, which is counted. */
  SINGLE
}
