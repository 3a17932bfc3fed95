package dev.penstock.spark.barrier;

/**
 * Runs what must be brought to its end though Spark interrupts the task, again and again perhaps,
 * or the user the fit: in a thread of its own, which nobody interrupts.
 */
public final class Uninterrupted {
  private Uninterrupted() {}

  /** Returns when {@code work} has; an interrupt meanwhile is kept for the caller. */
  public static void run(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
