package dev.penstock.spark.barrier;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What a JVM keeps in native memory for later and can do without. A rank of a training run frees it
 * before it takes memory of its own.
 */
public final class SpareMemory {
  private static final List<Runnable> holders = new CopyOnWriteArrayList<>();

  private SpareMemory() {}

  /**
   * Names something that can be freed.
   *
   * @param free frees all that is not in use, and waits for what is
   */
  public static void onDemand(Runnable free) {
    holders.add(free);
  }

  static void free() {
    holders.forEach(Runnable::run);
  }
}
