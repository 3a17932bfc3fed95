package dev.penstock.engine.comm;

/**
 * A message could not be exchanged: a peer is gone, too late, or the run was aborted. Mostly the
 * consequence of an earlier failure elsewhere, and reported as secondary to it.
 */
public final class TransportException extends RuntimeException {
  public TransportException(String message) {
    super(message);
  }

  public TransportException(String message, Throwable cause) {
    super(message, cause);
  }
}
