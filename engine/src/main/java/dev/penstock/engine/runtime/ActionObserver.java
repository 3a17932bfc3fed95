package dev.penstock.engine.runtime;

import dev.penstock.engine.schedule.Action;

/** Hears of every action a rank ran, on the rank's thread: what a measured timeline is made of. */
@FunctionalInterface
public interface ActionObserver {
  /**
   * Called after an action.
   *
   * @param beginNanos {@link System#nanoTime} when its input was there
   * @param endNanos when it was done
   */
  void onAction(Action action, long beginNanos, long endNanos);
}
