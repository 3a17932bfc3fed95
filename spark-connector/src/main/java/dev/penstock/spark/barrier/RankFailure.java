package dev.penstock.spark.barrier;

import dev.penstock.engine.comm.SilentRankException;
import dev.penstock.engine.comm.TransportException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.apache.spark.TaskKilledException;

/**
 * What ended a rank.
 *
 * @param rank the rank
 * @param where its executor and host, or {@link #UNKNOWN}
 * @param timeMillis when it failed, by its own clock
 * @param secondary whether this is what a rank suffers when another one failed
 * @param passing whether it may not be there in another attempt
 * @param error class and message
 * @param stackTrace the stack trace, or empty if the process left none
 */
record RankFailure(
    int rank,
    String where,
    long timeMillis,
    boolean secondary,
    boolean passing,
    String error,
    String stackTrace) {
  /** Where a rank is of which only a peer could tell. */
  static final String UNKNOWN = "";

  private static final int MAX_ERROR = 1500;

  /** The failure of a rank that could still tell. */
  static RankFailure of(int rank, String where, boolean killed, Throwable error) {
    StringWriter trace = new StringWriter();
    error.printStackTrace(new PrintWriter(trace, true));
    return new RankFailure(
        rank,
        where,
        System.currentTimeMillis(),
        killed || isSecondary(error),
        isSecondary(error) || error instanceof Watchdog.StepTimeoutException,
        FoldedText.of(error.toString(), MAX_ERROR),
        trace.toString());
  }

  /** The failure of a rank that a peer has not heard of any more. */
  static RankFailure silent(SilentRankException silence) {
    return new RankFailure(
        silence.rank(),
        UNKNOWN,
        System.currentTimeMillis(),
        false,
        true,
        FoldedText.of(String.valueOf(silence.getMessage()), MAX_ERROR),
        "");
  }

  RankFailure at(String place) {
    return new RankFailure(rank, place, timeMillis, secondary, passing, error, stackTrace);
  }

  /**
   * What Spark tells of a rank: its reason may go over several lines, of which cluster managers put
   * the cause into any, and may end in a stack trace.
   *
   * @param lost whether its executor was lost
   */
  static RankFailure reported(int rank, String where, boolean lost, String reason) {
    return new RankFailure(
        rank,
        where,
        System.currentTimeMillis(),
        false,
        lost,
        words(reason),
        reason.indexOf('\n') < 0 ? "" : reason);
  }

  /** What Spark tells without the stack trace, in one line. */
  static String words(String reason) {
    int trace = reason.indexOf("\n\tat ");
    return FoldedText.of(trace < 0 ? reason : reason.substring(0, trace), MAX_ERROR);
  }

  private static boolean isSecondary(Throwable error) {
    return error instanceof TransportException
        || error instanceof TaskKilledException
        || error instanceof InterruptedException;
  }
}
