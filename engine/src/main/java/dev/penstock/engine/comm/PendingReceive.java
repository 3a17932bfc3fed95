package dev.penstock.engine.comm;

import org.bytedeco.pytorch.Tensor;

/** A receive that was started. */
public interface PendingReceive {
  /** Whether {@link #await} would return at once. */
  boolean isDone();

  /**
   * Waits for the message. Called once. The caller owns the returned tensor and closes it; it is in
   * no PointerScope, does not require grad and must not be written (its storage may be the
   * sender's).
   */
  Tensor await();
}
