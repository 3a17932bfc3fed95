package dev.penstock.spark.barrier;

/** A training run ended before its last step; the message names the first cause and its rank. */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The caller's thread was interrupted, which stays noted. */
  public static TrainingFailedException interrupted(Exception cause) {
    Thread.currentThread().interrupt();
    return new TrainingFailedException("Training was interrupted and cancelled.", cause);
  }
}
