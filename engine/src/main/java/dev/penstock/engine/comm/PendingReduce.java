package dev.penstock.engine.comm;

/** An all-reduce that was started. Used by the rank's thread. */
public interface PendingReduce {
  /**
   * Lets the reduction go on as far as it can without waiting. Call it now and then between start
   * and {@link #await}: a transport may have no thread of its own to do so.
   *
   * @return whether {@link #await} would return at once
   */
  boolean advance();

  /** Waits until the tensor holds the result. Called once. */
  void await();
}
