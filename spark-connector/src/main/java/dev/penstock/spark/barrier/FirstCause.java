package dev.penstock.spark.barrier;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the failure that began it. In this order: the earliest error that is not the consequence of
 * another rank's, a lost executor, a task that could not even start, the earliest consequence.
 */
final class FirstCause {
  private static final Logger log = LoggerFactory.getLogger(FirstCause.class);
  private static final Duration POLL = Duration.ofMillis(100);

  private final FailureFiles files;
  private final GangListener listener;
  private final int ranks;

  FirstCause(FailureFiles files, GangListener listener, int ranks) {
    this.files = files;
    this.listener = listener;
    this.ranks = ranks;
  }

  /**
   * Waits for evidence of a first cause, for the consequence may be reported before it.
   *
   * @param patience how long at most
   * @return nothing if no rank left anything
   */
  Optional<RankFailure> await(Duration patience) throws InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    List<RankFailure> told = read();
    while (firstPrimary(told).isEmpty()
        && listener.lost().isEmpty()
        && told.size() < ranks
        && System.nanoTime() < deadline) {
      Thread.sleep(POLL.toMillis());
      told = read();
    }
    return choose(told, listener.lost(), listener.failed());
  }

  static Optional<RankFailure> choose(
      List<RankFailure> told, List<RankFailure> lost, List<RankFailure> failed) {
    Set<Integer> tellers = told.stream().map(RankFailure::rank).collect(Collectors.toSet());
    List<RankFailure> silent =
        failed.stream().filter(failure -> !tellers.contains(failure.rank())).toList();
    return firstPrimary(told).or(() -> first(lost)).or(() -> first(silent)).or(() -> first(told));
  }

  private List<RankFailure> read() {
    try {
      return files.read();
    } catch (IOException e) {
      log.warn("Cannot read what ended the ranks", e);
      return new ArrayList<>();
    }
  }

  private static Optional<RankFailure> firstPrimary(List<RankFailure> failures) {
    return first(failures.stream().filter(failure -> !failure.secondary()).toList());
  }

  private static Optional<RankFailure> first(List<RankFailure> failures) {
    return failures.stream().min(Comparator.comparingLong(RankFailure::timeMillis));
  }
}
