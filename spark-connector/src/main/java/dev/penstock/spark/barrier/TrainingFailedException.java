package dev.penstock.spark.barrier;

/** A training run ended before its last step; the message names the first cause and its rank. */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TrainingFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
