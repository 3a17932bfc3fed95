package dev.penstock.spark.fit;

import dev.penstock.datasets.shard.StreamFormat;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.barrier.FreeSlots;
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
    Attempts.Result result = attempts.run(from, (name, spec) -> attempt(name, checkpoints, spec));
    List<RankResult> ranks = result.ranks();
    AttemptStory story = attempts.story();
    TrainingHistory history = TrainingHistory.of(ranks, false, null, story);
    progress.accept(history.steps(), history.validations());
    whyItEnded(history).ifPresent(progress::tell);
    story.problems().forEach(problem -> log.warn("{}: {}", runId, problem));
    return new Outcome(ranks, result.config(), story);
  }

  /** Of a run that did not take all its steps. */
  private Optional<String> whyItEnded(TrainingHistory history) {
    int steps = history.steps().size();
    if (steps >= inputs.numSteps()) {
      return Optional.empty();
    }
    String after =
        inputs.numSteps() == StepSchedule.OPEN
            ? String.format(Locale.ROOT, "ended after step %d", steps)
            : String.format(Locale.ROOT, "ended after step %d of %d", steps, inputs.numSteps());
    return Optional.of(
        after
            + (data.training() instanceof StreamedData
                    && !history.stoppedEarly(params.getEarlyStoppingPatience())
                ? ": the stream is read (dataMode)"
                : ": no lower validation loss (earlyStoppingPatience)"));
  }

  private Attempts.Result attempt(
      String name, @Nullable RunCheckpoints own, @Nullable CheckpointSpec checkpoints)
      throws IOException, InterruptedException {
    Duration resourceTimeout = Duration.ofSeconds(params.getResourceTimeout());
    ParallelConfig wanted = inputs.config().parallel();
    int slots =
        SlotCheck.await(profile, wanted, replicas.leastRanks(), resourceTimeout, progress::tell);
    TrainingConfig config = fitting(slots);
    if (data.training() instanceof StreamedData) {
      awaitSlotBeside(config.parallel().worldSize(), resourceTimeout);
    }
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
    if (data.training() instanceof StreamedData streamed) {
      try (StreamedData.Attempt stream =
          streamed.attempt(name, config, free(), own, checkpoints, progress::tell)) {
        List<RankResult> ranks =
            run(
                config,
                spec(config, name, stream.folder(), streamed.format(), checkpoints),
                stream::poll);
        stream.read(TrainingHistory.numSteps(ranks) * (long) config.batch().globalBatchSize());
        return new Attempts.Result(ranks, config);
      }
    }
    return new Attempts.Result(
        run(config, spec(config, name, staged().folder(), null, checkpoints), () -> {}), config);
  }

  private FitData.Shards staged() {
    return ((FitData.Staged) data.training()).shards();
  }

  private void awaitSlotBeside(int ranks, Duration longest) throws InterruptedException {
    if (!DataMode.await(free(), ranks, longest)) {
      throw new ConfigException(DataMode.missing(free(), ranks));
    }
  }

  private FreeSlots free() {
    return FreeSlots.beside(profile);
  }

  private List<RankResult> run(TrainingConfig config, RunSpec spec, Runnable whileRunning) {
    RankJob job = new RankJob(profile, spec, rank -> stagesOf(config.parallel(), rank));
    shutdown.ranksRun(spec.checkpoints() != null);
    try {
      return job.run(
          progress,
          Duration.ofSeconds(params.getResourceTimeout()),
          turn::othersIngest,
          whileRunning,
          () -> reasonToStop(config));
    } finally {
      shutdown.ranksRun(false);
    }
  }

  /** The run with as many replicas as so many slots hold; those of a stream leave one free. */
  private TrainingConfig fitting(int slots) {
    TrainingConfig most = replicas.fitting(slots);
    int ranks = most.parallel().worldSize();
    boolean keepsOne = data.training() instanceof StreamedData && free().of(ranks) == 0;
    return keepsOne && ranks > replicas.leastRanks() ? replicas.fitting(ranks - 1) : most;
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
    int possible = fitting(slots).parallel().dpSize();
    return possible > dpSize
        ? String.format(Locale.ROOT, "there are task slots for dpSize %d again", possible)
        : null;
  }

  private RunSpec spec(
      TrainingConfig config,
      String name,
      String shards,
      @Nullable StreamFormat stream,
      @Nullable CheckpointSpec checkpoints) {
    return new RunSpec(
        runId,
        config,
        new RunSpec.Folders(
            shards,
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
        stream,
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
