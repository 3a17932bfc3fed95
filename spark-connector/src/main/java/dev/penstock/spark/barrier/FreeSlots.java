package dev.penstock.spark.barrier;

import dev.penstock.spark.interop.TaskProfile;

/**
 * Task slots that ranks leave to other tasks.
 *
 * @param ranks what each rank takes of its executor
 * @param others what each other task takes: a GPU only where all tasks must
 */
public record FreeSlots(TaskProfile ranks, TaskProfile others) {
  /** Those beside ranks that take so much. */
  public static FreeSlots beside(TaskProfile ranks) {
    return new FreeSlots(ranks, TaskProfile.ofSession(ranks.context()).withoutGpus());
  }

  /** How many there are, on the executors there are now, while so many ranks run. */
  public int of(int numRanks) {
    int taken = (ranks.cpus() + others.cpus() - 1) / others.cpus();
    return Math.max(0, others.available() - numRanks * taken);
  }
}
