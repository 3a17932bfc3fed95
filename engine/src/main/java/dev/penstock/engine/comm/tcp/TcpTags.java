package dev.penstock.engine.comm.tcp;

import java.util.Locale;

/**
 * Tags of the callers are not negative. Of the others, one serves all collectives that block, since
 * messages of one tag between two ranks keep their order and ranks take part in collectives in the
 * same order. Collectives that were started have one for each of their two rounds of messages.
 */
final class TcpTags {
  static final long COLLECTIVE = -1;
  static final long STARTED_GATHER = -2;
  static final long STARTED_SPREAD = -3;

  private TcpTags() {}

  static void check(long tag) {
    if (tag < 0) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, "Tag %d is negative.", tag));
    }
  }
}
