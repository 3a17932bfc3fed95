package dev.penstock.spark.hub;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** How far a model has come, in lines for people. Thread-safe. */
final class FetchProgress {
  private static final double GIGA = 1e9;
  private static final double MEGA = 1e6;

  private final HubName name;
  private final Consumer<String> lines;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong total = new AtomicLong();

  FetchProgress(HubName name, Consumer<String> lines) {
    this.name = name;
    this.lines = lines;
  }

  /** Announces files. */
  void expect(int files, long newBytes, String where) {
    total.addAndGet(newBytes);
    lines.accept(
        String.format(Locale.ROOT, "%s: %d files, %s, to %s", name, files, size(newBytes), where));
  }

  /** Counts what came. */
  void came(long newBytes) {
    bytes.addAndGet(newBytes);
  }

  /** Says how much is there. */
  void tell() {
    lines.accept("%s: %s of %s".formatted(name, size(bytes.get()), size(total.get())));
  }

  private static String size(long bytes) {
    return bytes >= GIGA
        ? String.format(Locale.ROOT, "%.2f GB", bytes / GIGA)
        : String.format(Locale.ROOT, "%.2f MB", bytes / MEGA);
  }
}
