package dev.penstock.examples.chaos;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import org.apache.hadoop.conf.Configuration;

/** When storage fails, by a seed. Every fault is noted in a file, for all processes together. */
final class Faults {
  /** The setting of Hadoop that has the seed. */
  static final String SEED = "penstock.chaos.seed";

  /**
   * The setting of Hadoop that has the folder of the checkpoints, beside which faults are noted.
   */
  static final String FOLDER = "penstock.chaos.folder";

  private static final long FULL_MILLIS = 2_000;
  private static final int FULL_ONE_OF = 3;
  private static final int FAILS_ONE_OF = 25;
  private static final int LONGEST_DELAY_MILLIS = 100;

  private final long seed;
  private final SplittableRandom random;
  private final Path log;

  Faults(Configuration conf) {
    seed = conf.getLong(SEED, 0);
    random = new SplittableRandom(seed + ProcessHandle.current().pid());
    log = logOf(URI.create(conf.get(FOLDER)).getPath());
  }

  private static Path logOf(String folder) {
    return Path.of(folder + ".faults");
  }

  /** How many there were so far. */
  static int count(String folder) {
    try {
      Path log = logOf(folder);
      return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails while the disk is full, which it is for seconds at a time, for all processes alike. */
  void failIfFull(String file) throws IOException {
    long window = System.currentTimeMillis() / FULL_MILLIS;
    if (new SplittableRandom(seed + window).nextInt(FULL_ONE_OF) == 0) {
      fail(file, "No space left on device");
    }
  }

  /** Fails now and then. */
  void failAtRandom(String file) throws IOException {
    boolean fails;
    synchronized (random) {
      fails = random.nextInt(FAILS_ONE_OF) == 0;
    }
    if (fails) {
      fail(file, "503 Slow Down");
    }
  }

  private void fail(String file, String message) throws IOException {
    Files.writeString(log, file + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    throw new IOException(file + ": " + message);
  }

  /** Takes its time. */
  void delay() throws IOException {
    int millis;
    synchronized (random) {
      millis = random.nextInt(LONGEST_DELAY_MILLIS);
    }
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while the storage was slow.");
    }
  }
}
