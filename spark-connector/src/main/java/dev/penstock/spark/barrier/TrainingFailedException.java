package dev.penstock.spark.barrier;

/** A training run ended before its last step; the message names the first cause and its rank. */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean mayPass;

  /**
   * @param mayPass whether another attempt may come further
   */
  TrainingFailedException(String message, Throwable cause, boolean mayPass) {
    super(message, cause);
    this.mayPass = mayPass;
  }

  /** Whether what ended the run may not be there the next time, such as the loss of an executor. */
  public boolean mayPass() {
    return mayPass;
  }

  /** The caller's thread was interrupted, which stays noted. */
  public static TrainingFailedException interrupted(Exception cause) {
    Thread.currentThread().interrupt();
    return new TrainingFailedException("Training was interrupted and cancelled.", cause, false);
  }
}
