package dev.penstock.engine.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/** The memory of this process as the operating system counts it. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String PEAK = "VmHWM:";
  private static final String NOW = "VmRSS:";

  /** Linux sums counters of several threads without a lock, so its peak may fall by some pages. */
  private static final AtomicLong HIGHEST = new AtomicLong();

  private ProcessMemory() {}

  /** Peak resident set in bytes, which never falls; 0 where the system does not tell. */
  public static long peakResidentBytes() {
    return HIGHEST.accumulateAndGet(read(PEAK), Math::max);
  }

  /** Resident set in bytes; 0 where the system does not tell. */
  static long residentBytes() {
    return read(NOW);
  }

  private static long read(String field) {
    if (!Files.isReadable(STATUS)) {
      return 0;
    }
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
