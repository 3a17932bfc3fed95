package dev.penstock.engine.comm;

import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A message could not be exchanged: a peer is gone, too late, or the run was aborted. Mostly the
 * consequence of an earlier failure elsewhere, and reported as secondary to it.
 */
public final class TransportException extends RuntimeException {
  public TransportException(String message) {
    super(message);
  }

  public TransportException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Nothing came in time; {@code awaited} is e.g. {@code tag 7 from rank 1}. */
  public static TransportException timedOut(int rank, String awaited, Duration timeout) {
    return new TransportException(
        String.format(
            Locale.ROOT,
            "Rank %d timed out after %d ms waiting for %s. The peer may have failed; see its log.",
            rank,
            timeout.toMillis(),
            awaited));
  }

  /** A peer left the run or its process died; {@code peers} is e.g. {@code rank 1}. */
  public static TransportException peerGone(int rank, String awaited, String peers) {
    return peerGone(rank, awaited, peers, null);
  }

  /** As above, where {@code cause} is how the connection broke. */
  public static TransportException peerGone(
      int rank, String awaited, String peers, @Nullable Throwable cause) {
    return new TransportException(
        String.format(
            Locale.ROOT,
            "Rank %d was waiting for %s, but %s has left the run; see its log.",
            rank,
            awaited,
            peers),
        cause);
  }

  /** The rank used its transport after closing it. */
  public static TransportException closed(int rank, String awaited) {
    return new TransportException(
        String.format(
            Locale.ROOT,
            "Rank %d has closed its transport and cannot wait for %s.",
            rank,
            awaited));
  }

  /** The run was aborted by {@code abortedBy} while {@code awaited} was awaited. */
  public static TransportException aborted(
      int rank, String awaited, int abortedBy, Throwable cause) {
    return new TransportException(
        String.format(
            Locale.ROOT,
            "Rank %d was waiting for %s when rank %d aborted the run: %s",
            rank,
            awaited,
            abortedBy,
            cause),
        cause);
  }

  /** The waiting thread was interrupted. */
  public static TransportException interrupted(int rank, String awaited, Throwable cause) {
    return new TransportException(
        String.format(Locale.ROOT, "Rank %d was interrupted while waiting for %s.", rank, awaited),
        cause);
  }
}
