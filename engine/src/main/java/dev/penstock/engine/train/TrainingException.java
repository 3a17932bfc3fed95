package dev.penstock.engine.train;

/** A run cannot go on; the message names the step and the remedy. */
public final class TrainingException extends RuntimeException {
  public TrainingException(String message) {
    super(message);
  }

  public TrainingException(String message, Throwable cause) {
    super(message, cause);
  }
}
