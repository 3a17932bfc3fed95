package dev.penstock.spark.progress;

/**
 * Hears on the driver what happens in a fit: to show it, or to send it to a system that tracks
 * experiments.
 *
 * <p>Each fit calls its listeners in a thread of their own each, in order, one event at a time; one
 * that is slow delays nobody else. It cannot fail a fit: what it throws is logged, and the next
 * event comes all the same. A listener that was given to a trainer hears of all its fits, at the
 * same time if they run at the same time.
 */
@FunctionalInterface
public interface FitListener {
  /**
   * Something happened.
   *
   * @throws Exception which is logged, once with its stack trace
   */
  void on(FitEvent event) throws Exception;

  /**
   * No more events of this fit come. Called in the same thread, whatever became of the fit, which
   * waits half a minute for it at most.
   *
   * @throws Exception as {@link #on} does
   */
  default void close() throws Exception {}
}
