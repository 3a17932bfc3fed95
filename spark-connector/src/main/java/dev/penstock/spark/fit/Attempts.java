package dev.penstock.spark.fit;

import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.barrier.TrainingFailedException;
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
 * live again: a lost executor, a broken connection, a step that hung. What would fail again, such
 * as a loss that is not a number, is not tried again.
 */
final class Attempts {
  private static final Logger log = LoggerFactory.getLogger(Attempts.class);
  private static final int SUFFIX_LENGTH = 8;

  /** Runs the ranks once. */
  interface Attempt {
    /**
     * @param name that no other attempt has
     * @param checkpoints null: none are made
     */
    List<RankResult> run(String name, @Nullable CheckpointSpec checkpoints)
        throws IOException, InterruptedException;
  }

  private final @Nullable RunCheckpoints checkpoints;
  private final RunIdentity identity;
  private final int maxAttempts;
  private final long numSteps;
  private final StepProgress progress;
  private final List<String> problems = new ArrayList<>();
  private int attempts;
  private long resumedAtStep;
  private long stepsDoneAgain;
  private List<RankResult> ranks = List.of();

  /**
   * @param progress hears of the steps, and where the run goes on
   */
  Attempts(
      @Nullable RunCheckpoints checkpoints,
      RunIdentity identity,
      int maxAttempts,
      long numSteps,
      StepProgress progress) {
    this.checkpoints = checkpoints;
    this.identity = identity;
    this.maxAttempts = maxAttempts;
    this.numSteps = numSteps;
    this.progress = progress;
  }

  /**
   * Runs attempts until one comes to the end.
   *
   * @throws TrainingFailedException naming the first cause of the last one
   */
  List<RankResult> run(Attempt attempt) throws IOException, InterruptedException {
    Optional<RunCheckpoints.Found> from =
        checkpoints == null ? Optional.empty() : checkpoints.find(identity);
    RunIdentity own =
        from.map(found -> identity.ofRun(found.newest().identity().run())).orElse(identity);
    resumedAtStep = from.map(found -> found.newest().point().step()).orElse(0L);
    while (true) {
      attempts++;
      from.ifPresent(this::announce);
      String name = attempts + "-" + UUID.randomUUID().toString().substring(0, SUFFIX_LENGTH);
      try {
        ranks = attempt.run(name, checkpoints == null ? null : checkpoints.spec(own, name, from));
        return ranks;
      } catch (TrainingFailedException e) {
        if (attempts >= maxAttempts || !e.mayPass()) {
          throw e;
        }
        problems.add(
            String.format(
                Locale.ROOT, "attempt %d of %d: %s", attempts, maxAttempts, e.getMessage()));
        log.warn("Attempt {} of {} failed, another one begins", attempts, maxAttempts, e);
        progress.tell(
            String.format(
                Locale.ROOT, "attempt %d of %d failed: %s", attempts, maxAttempts, e.getMessage()));
      }
      if (checkpoints != null) {
        from = checkpoints.findAgain(own, from);
      }
      stepsDoneAgain +=
          Math.max(
              0, progress.lastStep() - from.map(found -> found.newest().point().step()).orElse(0L));
    }
  }

  private void announce(RunCheckpoints.Found from) {
    progress.tell(RunCheckpoints.describe(from, numSteps, progress.lastStep()));
    progress.skipTo(from.newest().point().step());
  }

  /** What there is to tell of the attempts, once they are over. */
  AttemptStory story() {
    List<String> all = new ArrayList<>(problems);
    ranks.stream()
        .flatMap(rank -> rank.checkpoints().problems().stream())
        .distinct()
        .forEach(all::add);
    return new AttemptStory(
        attempts, resumedAtStep, stepsDoneAgain, AttemptStory.stillSeconds(ranks), all);
  }
}
