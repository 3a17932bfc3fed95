package dev.penstock.datasets.pack;

/** What becomes of the last sequence if the documents end before it is full. */
public enum Remainder {
  /** It is padded. */
  PAD,
  /** Its tokens are dropped, and counted. */
  DROP
}
