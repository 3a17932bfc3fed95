package dev.penstock.engine.comm;

/** A send that was started; {@link #await} returns once its tensor may be changed or freed. */
public interface PendingSend {
  /** Whether {@link #await} would return at once. */
  boolean isDone();

  /** Waits until the transport no longer needs the tensor. Called once. */
  void await();
}
