package dev.penstock.storage;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Who writes into a folder.
 *
 * @param owner whom a user recognises: the run, its application, user and host
 * @param attempt of that run, from 1
 * @param since when it asked for the folder, by its own clock
 */
public record LeaseHolder(String owner, int attempt, Instant since) {
  private static final int MAX_OWNER = 300;

  public LeaseHolder {
    requireNonNull(owner, "owner is null");
    owner = owner.replaceAll("\\p{Cntrl}", " ");
    owner = owner.substring(0, Math.min(MAX_OWNER, owner.length()));
    since = since.truncatedTo(ChronoUnit.SECONDS);
  }

  /** One that asks now. */
  public static LeaseHolder now(String owner, int attempt) {
    return new LeaseHolder(owner, attempt, Instant.now());
  }

  /** For messages. */
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s (attempt %d, since %s)", owner, attempt, since);
  }

  byte[] toBytes(boolean held) {
    return String.format(
            Locale.ROOT,
            "penstock-lease=1\nheld=%s\nattempt=%d\nsince=%s\nowner=%s\n",
            held,
            attempt,
            since,
            owner)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** What a lease file says; of one that is damaged, what can be said. */
  static LeaseHolder parse(byte[] bytes) {
    Map<String, String> values = values(bytes);
    String owner = values.getOrDefault("owner", "an unknown run");
    try {
      return new LeaseHolder(
          owner,
          Integer.parseInt(values.getOrDefault("attempt", "0")),
          Instant.parse(values.getOrDefault("since", Instant.EPOCH.toString())));
    } catch (NumberFormatException | DateTimeException e) {
      return new LeaseHolder(owner, 0, Instant.EPOCH);
    }
  }

  static boolean isHeld(byte[] bytes) {
    return !"false".equals(values(bytes).get("held"));
  }

  private static Map<String, String> values(byte[] bytes) {
    Map<String, String> values = new HashMap<>();
    for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1));
      }
    }
    return values;
  }
}
