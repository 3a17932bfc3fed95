package dev.penstock.spark.barrier;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A training run ended before its last step; the message names the first cause and its rank. */
public final class TrainingFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private static final Pattern CANCELLED = Pattern.compile("(\\[\\w+] )?Job \\d+ cancelled");

  private final boolean mayPass;

  /**
   * @param mayPass whether another attempt may come further
   */
  TrainingFailedException(String message, @Nullable Throwable cause, boolean mayPass) {
    super(message, cause);
    this.mayPass = mayPass;
  }

  /** Whether what ended the run may not be there the next time, such as the loss of an executor. */
  public boolean mayPass() {
    return mayPass;
  }

  /**
   * The driver ends, and the run with it, for now.
   *
   * @param message what was reached and how to go on
   */
  public static TrainingFailedException stopped(String message) {
    return new TrainingFailedException(message, null, false);
  }

  /** The ranks ended as they were asked to, but what they did is not there. */
  public static TrainingFailedException withoutProgress(String message) {
    return new TrainingFailedException(message, null, true);
  }

  /** A job of Spark's failed before there were ranks. */
  public static TrainingFailedException beforeTheRanks(Exception cause) {
    return new TrainingFailedException(
        "Training could not start: " + RankFailure.words(String.valueOf(cause.getMessage())),
        cause,
        false);
  }

  /** A task that makes the data of a run while it goes failed as often as Spark lets it. */
  public static TrainingFailedException tokenizing(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return tellsOfCancelling(message)
        ? cancelled(cause)
        : new TrainingFailedException(
            "Training failed. First cause: tokenizing a partition of the stream: "
                + RankFailure.words(message),
            cause,
            false);
  }

  static boolean tellsOfCancelling(String sparkMessage) {
    return CANCELLED.matcher(sparkMessage).lookingAt();
  }

  static TrainingFailedException cancelled(Throwable cause) {
    return new TrainingFailedException(
        "Training was cancelled: " + cause.getMessage(), cause, false);
  }

  /** The caller's thread was interrupted, which stays noted. */
  public static TrainingFailedException interrupted(Exception cause) {
    Thread.currentThread().interrupt();
    return new TrainingFailedException("Training was interrupted and cancelled.", cause, false);
  }
}
