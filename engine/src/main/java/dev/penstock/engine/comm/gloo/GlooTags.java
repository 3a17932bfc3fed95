package dev.penstock.engine.comm.gloo;

/**
 * Tags as gloo has them: not negative, 31 bits. The lower half is the caller's; one of the upper
 * half serves all collectives that block, since messages of one tag between two ranks keep their
 * order and ranks take part in collectives in the same order. Collectives that were started have
 * one for each of their two rounds of messages.
 */
final class GlooTags {
  static final int COLLECTIVE = 1 << 30;
  static final int STARTED_GATHER = COLLECTIVE + 1;
  static final int STARTED_SPREAD = COLLECTIVE + 2;

  private GlooTags() {}

  /** The native tag of a caller's tag. */
  static int of(long tag) {
    if (tag < 0 || tag >= COLLECTIVE) {
      throw new IllegalArgumentException(
          "Tag %d cannot be sent over gloo. Use a tag between 0 and %d."
              .formatted(tag, COLLECTIVE - 1));
    }
    return (int) tag;
  }
}
