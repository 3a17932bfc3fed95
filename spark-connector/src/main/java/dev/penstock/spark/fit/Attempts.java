package dev.penstock.spark.fit;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.StepProgress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the ranks of a fit, and once more from the last checkpoint where something died that may
 * live again: a lost executor, a broken connection, a step that hung; or where the ranks were asked
 * to end, for an executor leaves. What would fail again, such as a loss that is not a number, is
 * not tried again.
 */
final class Attempts {
  private static final Logger log = LoggerFactory.getLogger(Attempts.class);
  private static final int SUFFIX_LENGTH = 8;

  /**
   * What an attempt came to.
   *
   * @param config the run as it was in this attempt
   */
  record Result(List<RankResult> ranks, TrainingConfig config) {
    private boolean stopped() {
      return ranks.get(0).checkpoints().stopped();
    }
  }

  /** Runs the ranks once. */
  interface Attempt {
    /**
     * @param name that no other attempt has
     * @param checkpoints null: none are made
     */
    Result run(String name, @Nullable CheckpointSpec checkpoints)
        throws IOException, InterruptedException;
  }

  private final @Nullable RunCheckpoints checkpoints;
  private final RunIdentity identity;
  private final int maxAttempts;
  private final long numSteps;
  private final StepProgress progress;
  private final DriverShutdown shutdown;
  private final List<String> problems = new ArrayList<>();
  private int attempts;
  private int failures;
  private long resumedAtStep;
  private long stepsDoneAgain;
  private List<RankResult> ranks = List.of();

  /**
   * @param maxAttempts how many may fail; those that were stopped and came further do not count
   * @param progress hears of the steps, and where the run goes on
   */
  Attempts(
      @Nullable RunCheckpoints checkpoints,
      RunIdentity identity,
      int maxAttempts,
      long numSteps,
      StepProgress progress,
      DriverShutdown shutdown) {
    this.checkpoints = checkpoints;
    this.identity = identity;
    this.maxAttempts = maxAttempts;
    this.numSteps = numSteps;
    this.progress = progress;
    this.shutdown = shutdown;
  }

  /**
   * Runs attempts until one comes to the end.
   *
   * @param start what the first of them goes on from
   * @throws TrainingFailedException naming the first cause of the last one, or how to go on where
   *     the driver ends
   */
  Result run(Optional<RunCheckpoints.Found> start, Attempt attempt)
      throws IOException, InterruptedException {
    Optional<RunCheckpoints.Found> from = start;
    RunIdentity own =
        from.map(found -> identity.ofRun(found.newest().identity().run())).orElse(identity);
    resumedAtStep = stepOf(from);
    while (true) {
      attempts++;
      begin(from);
      String name = attempts + "-" + UUID.randomUUID().toString().substring(0, SUFFIX_LENGTH);
      @Nullable Result stopped = null;
      try {
        Result result =
            attempt.run(name, checkpoints == null ? null : checkpoints.spec(own, name, from));
        ranks = result.ranks();
        if (!result.stopped()) {
          return result;
        }
        stopped = result;
      } catch (TrainingFailedException e) {
        fail(e);
      }
      Optional<RunCheckpoints.Found> next =
          checkpoints == null ? from : checkpoints.findAgain(own, from);
      if (stopped != null) {
        afterStop(stopped, stepOf(from), next);
      }
      from = next;
      stepsDoneAgain += Math.max(0, progress.lastStep() - stepOf(from));
    }
  }

  private static long stepOf(Optional<RunCheckpoints.Found> found) {
    return found.map(of -> of.newest().point().step()).orElse(0L);
  }

  private void fail(TrainingFailedException e) {
    failures++;
    if (failures >= maxAttempts || !e.mayPass() || shutdown.isUnderWay()) {
      throw e;
    }
    String what = String.format(Locale.ROOT, "attempt %d of %d", failures, maxAttempts);
    problems.add(what + ": " + e.getMessage());
    log.warn("The {} failed, another one begins", what, e);
    progress.tell(what + " failed: " + e.getMessage());
    progress.tell(new FitEvent.AttemptFailed(attempts, String.valueOf(e.getMessage())));
  }

  /** Ranks that were asked to end go on in another attempt, unless the driver ends. */
  private void afterStop(Result stopped, long begun, Optional<RunCheckpoints.Found> next) {
    TrainingHistory history = TrainingHistory.of(stopped.ranks(), false, null, AttemptStory.NONE);
    progress.accept(history.steps(), history.validations());
    if (shutdown.isUnderWay()) {
      String line =
          String.format(
              Locale.ROOT,
              "Training was stopped after step %s, for the driver ends. %s",
              RunCheckpoints.place(history.steps().size(), numSteps),
              next.map(
                      found ->
                          String.format(
                              Locale.ROOT,
                              "Call the same fit again, with resume auto: it goes on at step %,d, from"
                                  + " %s/%s.",
                              stepOf(next),
                              found.folder(),
                              CheckpointFolder.nameOf(stepOf(next))))
                  .orElse("No checkpoint could be made: the same fit begins anew."));
      progress.tell(line);
      throw TrainingFailedException.stopped(line);
    }
    checkpointProblems(stopped.ranks()).forEach(problems::add);
    if (stepOf(next) <= begun) {
      fail(
          TrainingFailedException.withoutProgress(
              String.format(
                  Locale.ROOT,
                  "The ranks were stopped after step %,d, but there is no checkpoint of it: %s",
                  history.steps().size(),
                  checkpointProblems(stopped.ranks()))));
    }
  }

  private void begin(Optional<RunCheckpoints.Found> from) {
    from.ifPresent(
        found -> progress.tell(RunCheckpoints.describe(found, numSteps, progress.lastStep())));
    progress.begin(attempts, stepOf(from));
  }

  /** What there is to tell of the attempts, once they are over. */
  AttemptStory story() {
    List<String> all = new ArrayList<>(problems);
    all.addAll(checkpointProblems(ranks));
    return new AttemptStory(
        attempts, resumedAtStep, stepsDoneAgain, AttemptStory.stillSeconds(ranks), all);
  }

  private static List<String> checkpointProblems(List<RankResult> ranks) {
    return ranks.stream()
        .flatMap(rank -> rank.checkpoints().problems().stream())
        .distinct()
        .toList();
  }
}
