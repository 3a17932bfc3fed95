package dev.penstock.spark.fit;

import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.barrier.RankJob;
import dev.penstock.spark.barrier.RunSpec;
import dev.penstock.spark.barrier.SlotCheck;
import dev.penstock.spark.barrier.SlotQueue;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.progress.StepProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run of the ranks over data that were ingested, in as many attempts as it takes.
 *
 * @param profile what each rank takes of its executor
 * @param replicas with how many an attempt may run
 * @param turn at the task slots, which the fit has
 * @param shutdown whether the driver ends
 * @param progress hears of the steps
 */
record TrainingJob(
    TrainerParams<?> params,
    String runId,
    TaskProfile profile,
    RunInputs inputs,
    FitData data,
    RunFolder folder,
    ReplicaChoice replicas,
    SlotQueue.Turn turn,
    DriverShutdown shutdown,
    StepProgress progress) {
  private static final Logger log = LoggerFactory.getLogger(TrainingJob.class);

  /**
   * What came of it.
   *
   * @param ranks what the ranks of the last attempt handed back
   * @param config the run as it was in the last attempt
   * @param story of all attempts
   */
  record Outcome(List<RankResult> ranks, TrainingConfig config, AttemptStory story) {
    ParallelConfig parallel() {
      return config.parallel();
    }
  }

  /**
   * Runs it.
   *
   * @param checkpoints null: none are made
   * @param from what it goes on from
   */
  Outcome run(
      @Nullable RunCheckpoints checkpoints,
      Optional<RunCheckpoints.Found> from,
      RunIdentity identity)
      throws IOException, InterruptedException {
    Attempts attempts =
        new Attempts(
            checkpoints, identity, params.getMaxAttempts(), inputs.numSteps(), progress, shutdown);
    Attempts.Result result = attempts.run(from, this::attempt);
    List<RankResult> ranks = result.ranks();
    AttemptStory story = attempts.story();
    TrainingHistory history = TrainingHistory.of(ranks, false, null, story);
    progress.accept(history.steps(), history.validations());
    if (history.steps().size() < inputs.numSteps()) {
      progress.tell(
          String.format(
              Locale.ROOT,
              "ended after step %d of %d: no lower validation loss (earlyStoppingPatience)",
              history.steps().size(),
              inputs.numSteps()));
    }
    story.problems().forEach(problem -> log.warn("{}: {}", runId, problem));
    return new Outcome(ranks, result.config(), story);
  }

  private Attempts.Result attempt(String name, @Nullable CheckpointSpec checkpoints)
      throws InterruptedException {
    Duration resourceTimeout = Duration.ofSeconds(params.getResourceTimeout());
    ParallelConfig wanted = inputs.config().parallel();
    int slots =
        SlotCheck.await(profile, wanted, replicas.leastRanks(), resourceTimeout, progress::tell);
    TrainingConfig config = replicas.fitting(slots);
    if (config.parallel().dpSize() < wanted.dpSize()) {
      progress.tell(
          String.format(
              Locale.ROOT,
              "runs with dpSize %d of %d, for there are %d task slots of %d (minDpSize)",
              config.parallel().dpSize(),
              wanted.dpSize(),
              slots,
              wanted.worldSize()));
    }
    RankJob job =
        new RankJob(
            profile, spec(config, name, checkpoints), rank -> stagesOf(config.parallel(), rank));
    shutdown.ranksRun(checkpoints != null);
    try {
      List<RankResult> ranks =
          job.run(progress, resourceTimeout, turn::othersIngest, () -> reasonToStop(config));
      return new Attempts.Result(ranks, config);
    } finally {
      shutdown.ranksRun(false);
    }
  }

  /** Why the ranks should end with a checkpoint now, or null. */
  private @Nullable String reasonToStop(TrainingConfig running) {
    if (shutdown.isUnderWay()) {
      return "the driver ends";
    }
    int slots = profile.available();
    int dpSize = running.parallel().dpSize();
    if (slots <= running.parallel().worldSize()) {
      return null;
    }
    int possible = replicas.fitting(slots).parallel().dpSize();
    return possible > dpSize
        ? String.format(Locale.ROOT, "there are task slots for dpSize %d again", possible)
        : null;
  }

  private RunSpec spec(TrainingConfig config, String name, @Nullable CheckpointSpec checkpoints) {
    return new RunSpec(
        runId,
        config,
        new RunSpec.Folders(
            data.training().folder(),
            data.validation() == null ? null : data.validation().folder(),
            inputs.start(),
            folder.weights(),
            folder.failures() + "-" + name,
            folder.results() + "-" + name),
        folder.save(),
        EngineConfigs.validationConfig(params).orElse(null),
        params.getTimelineSteps(),
        params.getDevice(),
        params.<Integer>valueIfAny(TrainerOption.THREADS_PER_RANK).orElse(null),
        Duration.ofSeconds(params.getStepTimeout()),
        Duration.ofSeconds(params.getRendezvousTimeout()),
        RankLinks.of(params, profile.context()),
        checkpoints);
  }

  private String stagesOf(ParallelConfig parallel, int rank) {
    int ppRank = new ProcessGrid(parallel.ppSize(), parallel.dpSize()).ppRank(rank);
    return inputs.plan().stages().stream()
        .filter(stage -> stage.ppRank() == ppRank)
        .map(StageSummary::stage)
        .map(stage -> "stage " + stage)
        .collect(Collectors.joining(", "));
  }
}
