package dev.penstock.datasets;

/** Data, or a file made from it, cannot be used; the message names the values and the remedy. */
public final class DatasetException extends RuntimeException {
  public DatasetException(String message) {
    super(message);
  }

  public DatasetException(String message, Throwable cause) {
    super(message, cause);
  }
}
