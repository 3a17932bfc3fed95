package dev.penstock.examples.chaos;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** What happens to a run: to its processes, and to where its checkpoints are. */
enum Disturbance {
  /** An executor is killed. */
  EXECUTOR,
  /** The driver is killed. */
  DRIVER,
  /** An executor is stopped for a while, maybe longer than the others wait for it. */
  FREEZE,
  /** The disk of the checkpoints is full at times, and executors and drivers are killed. */
  DISK,
  /**
   * Writes to the object store are slow or fail at random, and executors and drivers are killed.
   */
  STORE;

  private static final int LONGEST_FREEZE_MILLIS = 12_000;

  /** What the URI of the checkpoints begins with, without its colon. */
  String scheme() {
    return switch (this) {
      case DISK -> FaultyDisk.SCHEME;
      case STORE -> FaultyStore.SCHEME;
      default -> "file";
    };
  }

  /**
   * Does it to a process of a run.
   *
   * @return whether there was one
   */
  boolean strike(Process driver, Random random) throws IOException, InterruptedException {
    List<ProcessHandle> executors = driver.children().toList();
    boolean driverDies =
        this == DRIVER || ((this == DISK || this == STORE) && random.nextBoolean());
    if (driverDies) {
      return driver.toHandle().destroyForcibly();
    }
    if (executors.isEmpty()) {
      return false;
    }
    ProcessHandle victim = executors.get(random.nextInt(executors.size()));
    return this == FREEZE ? freeze(victim, driver, random) : victim.destroyForcibly();
  }

  private static boolean freeze(ProcessHandle victim, Process driver, Random random)
      throws IOException, InterruptedException {
    boolean frozen = signal("-STOP", victim);
    driver.waitFor(random.nextInt(LONGEST_FREEZE_MILLIS), TimeUnit.MILLISECONDS);
    signal("-CONT", victim); // it may have been killed meanwhile
    return frozen;
  }

  private static boolean signal(String name, ProcessHandle process)
      throws IOException, InterruptedException {
    Process kill = new ProcessBuilder("kill", name, Long.toString(process.pid())).start();
    return kill.waitFor() == 0;
  }
}
