package dev.penstock.storage;

import java.time.Duration;
import java.util.Locale;

/**
 * How long a lease is good for.
 *
 * @param validity a holder that was not heard of for so long is dead
 * @param renewal how often a holder lets itself be heard of
 */
record LeaseTiming(Duration validity, Duration renewal) {
  /** Outlasts long pauses of a JVM and the failover of a name node. */
  public static final LeaseTiming DEFAULT =
      new LeaseTiming(Duration.ofSeconds(60), Duration.ofSeconds(10));

  public LeaseTiming {
    if (renewal.isNegative()
        || renewal.isZero()
        || renewal.multipliedBy(2).compareTo(validity) > 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A lease must be renewed twice at least while it is valid: every %s is too seldom for %s.",
              renewal,
              validity));
    }
  }
}
