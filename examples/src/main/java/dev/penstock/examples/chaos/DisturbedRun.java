package dev.penstock.examples.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One model, trained by processes that die and are started anew until it is there. */
final class DisturbedRun {
  private static final int MOST_STARTS = 20;
  private static final long POLL_MILLIS = 20;

  /**
   * What is the same for all runs.
   *
   * @param data folder of the quickstart's data
   * @param folder where the runs have theirs
   * @param steps of each model
   * @param silentSeconds after which a driver that writes nothing hangs
   */
  record Settings(Path data, Path folder, int steps, int silentSeconds) {}

  private final Settings settings;
  private final String name;
  private final @Nullable Disturbance what;
  private final Random random;
  private final long seed;

  /** The steps at which something happens. */
  private final Deque<Integer> strikes = new ArrayDeque<>();

  private int starts;
  private int struck;
  private int hung;
  private int resumed;

  /**
   * @param what null: nothing happens to it
   * @param kills how often it happens
   */
  DisturbedRun(
      Settings settings, String name, @Nullable Disturbance what, int kills, Random random) {
    this.settings = settings;
    this.name = name;
    this.what = what;
    this.random = random;
    seed = random.nextLong();
    for (int kill = 0; kill < kills; kill++) {
      int begin = settings.steps() * kill / kills;
      int end = settings.steps() * (kill + 1) / kills;
      strikes.add(begin + random.nextInt(Math.max(1, end - begin)));
    }
  }

  /** Starts the driver until the model is there; false: it never was. */
  boolean train() throws IOException, InterruptedException {
    while (starts < MOST_STARTS) {
      starts++;
      DriverProcess driver =
          DriverProcess.start(
              settings.folder().resolve(name + "-" + starts + ".log"),
              List.of(
                  settings.data().toString(),
                  output().toString(),
                  (what == null ? "file" : what.scheme()) + ":" + checkpoints(),
                  String.valueOf(settings.steps()),
                  String.valueOf(seed)));
      disturb(driver);
      resumed += driver.timesResumed();
      if (driver.process().exitValue() == 0) {
        return true;
      }
    }
    return false;
  }

  private void disturb(DriverProcess driver) throws IOException, InterruptedException {
    while (!driver.process().waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
      boolean due = !strikes.isEmpty() && driver.lastStep() > strikes.element();
      if (due && what != null && what.strike(driver.process(), random)) {
        strikes.remove();
        struck++;
      }
      if (driver.isSilent(settings.silentSeconds())) {
        hung++;
        driver.end();
      }
    }
  }

  private Path output() {
    return settings.folder().resolve(name);
  }

  private String checkpoints() {
    return output() + "-checkpoints";
  }

  /** Whether the model has the same bits as that of another run. */
  boolean sameAs(DisturbedRun other) throws IOException {
    String weights = "model-00001-of-00002.safetensors";
    return Files.exists(output().resolve(weights))
        && Files.mismatch(output().resolve(weights), other.output().resolve(weights)) < 0;
  }

  int starts() {
    return starts;
  }

  int struck() {
    return struck;
  }

  int hung() {
    return hung;
  }

  int resumed() {
    return resumed;
  }

  /** How often the storage of the checkpoints failed. */
  int faults() {
    return Faults.count(checkpoints());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d kills, %d faults of the storage, %d starts of the driver, went on %d times",
        struck,
        faults(),
        starts,
        resumed);
  }
}
