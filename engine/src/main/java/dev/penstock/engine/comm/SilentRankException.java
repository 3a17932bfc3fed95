package dev.penstock.engine.comm;

import java.time.Duration;
import java.util.Locale;

/** Nothing was heard of a rank for too long: the first cause of what its peers suffer. */
public final class SilentRankException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int rank;

  public SilentRankException(int rank, String host, Duration timeout) {
    super(
        String.format(
            Locale.ROOT,
            ("Nothing was heard of rank %d on %s for %.1f s (heartbeatTimeout). Its process is frozen,"
                + " swapped out or collects garbage, or its host cannot be reached."),
            rank,
            host,
            timeout.toMillis() / 1e3));
    this.rank = rank;
  }

  /** The rank that is silent. */
  public int rank() {
    return rank;
  }
}
