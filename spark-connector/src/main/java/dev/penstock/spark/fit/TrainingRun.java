package dev.penstock.spark.fit;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.train.PhaseClock;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.barrier.JobLabels;
import dev.penstock.spark.barrier.SlotCheck;
import dev.penstock.spark.barrier.SlotQueue;
import dev.penstock.spark.barrier.TaskLaunch;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.data.IngestedData;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.SavedWeights;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.progress.FitAudience;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.FitListeners;
import dev.penstock.spark.progress.MemoryTable;
import dev.penstock.spark.progress.StageTable;
import dev.penstock.spark.timeline.TimelineFiles;
import dev.penstock.spark.track.MetricsLog;
import dev.penstock.storage.LeaseHolder;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One fit: checks, ingests the data, runs the ranks, completes the model folder. */
public final class TrainingRun {
  private static final Logger log = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainerParams<?> params;
  private final String runId;
  private final SparkContext spark;
  private final boolean inOwnFolder;
  private final FitAudience audience;
  private final Consumer<String> lines;
  private final PhaseClock clock = new PhaseClock();

  /**
   * @param inOwnFolder whether outputPath is only what the model's own folder lies in
   */
  public TrainingRun(
      TrainerParams<?> params,
      String runId,
      SparkContext spark,
      boolean inOwnFolder,
      FitAudience audience) {
    this.params = params;
    this.runId = runId;
    this.spark = spark;
    this.inOwnFolder = inOwnFolder;
    this.audience = audience;
    this.lines = lines(audience);
  }

  /** Takes lines about what comes before the ranks run. */
  private static Consumer<String> lines(FitAudience audience) {
    FitListeners consumer = new FitListeners();
    consumer.addDirect(
        "consumer of progress lines",
        event -> {
          if (event instanceof FitEvent.Noted noted) {
            audience.lines().accept(noted.line());
          }
        });
    return line -> consumer.tell(new FitEvent.Noted(line));
  }

  /** Runs it, once. */
  public FitOutcome run(Dataset<?> dataset) throws IOException {
    clock.begin("plan");
    RunInputs inputs = RunInputs.read(params, spark, audience.lines());
    String stageTable = StageTable.draw(inputs.plan().stages());
    List<MemoryEstimate> memory = memory(inputs.plan());
    log.info(
        "{}: {}\n{}\nExpected memory of each rank, in MB, beside the JVM and native libraries:\n{}",
        runId,
        ParamTexts.of(params),
        stageTable,
        MemoryTable.draw(memory));
    TaskProfile profile = checkCluster(inputs);
    inputs.warnings().forEach(warning -> log.warn("{}: {}", runId, warning));
    FitSources sources = FitSources.of(params, inputs, dataset, spark.hadoopConfiguration());
    Trained trained;
    String model;
    try (DriverShutdown shutdown = DriverShutdown.watch(spark.conf());
        RunFolder folder = RunFolder.claim(params, inputs, sources, runId, inOwnFolder, spark);
        RunCheckpoints checkpoints = claimCheckpoints(folder);
        JobLabels labels = new JobLabels(spark, runId, "ingest texts for " + runId)) {
      model = folder.location();
      trained = train(dataset, inputs, new Rooms(folder, checkpoints, labels, profile, shutdown));
      labels.finished();
      clock.begin("clean");
    } catch (InterruptedException e) {
      throw TrainingFailedException.interrupted(e);
    }
    log.info("{}: the model is in {}", runId, model);
    tellOfUnreadable(trained.data);
    TrainingHistory history = trained.history;
    Map<String, Double> phases = FitPhases.of(clock.stop(), history.phaseSeconds());
    String memoryTable = MemoryTable.draw(memory, history.peakBytesOfPipeline(trained.parallel));
    return new FitOutcome(
        model, history, stageTable, memoryTable, trained.data, phases, inputs.warnings());
  }

  private void tellOfUnreadable(IngestedData data) {
    if (data.unreadableRows() > 0) {
      lines.accept(
          String.format(
              Locale.ROOT,
              "left out %,d of %,d rows, which cannot be read (skipUnreadableRows); the executors' logs name them",
              data.unreadableRows(),
              data.rows().rows()));
    }
  }

  /**
   * What the run has to itself until it ends.
   *
   * @param checkpoints null: none are made
   * @param profile what each rank takes of its executor
   */
  private record Rooms(
      RunFolder folder,
      @Nullable RunCheckpoints checkpoints,
      JobLabels labels,
      TaskProfile profile,
      DriverShutdown shutdown) {}

  /**
   * What training gave.
   *
   * @param parallel the layout of the last attempt
   */
  private record Trained(IngestedData data, TrainingHistory history, ParallelConfig parallel) {}

  private Trained train(Dataset<?> dataset, RunInputs checked, Rooms rooms)
      throws IOException, InterruptedException {
    RunCheckpoints checkpoints = rooms.checkpoints;
    FitIdentity identity =
        FitIdentity.read(params, runId, checkpoints == null ? null : checked.start(), spark);
    Optional<RunCheckpoints.Found> from =
        checkpoints == null ? Optional.empty() : checkpoints.find();
    RunInputs timed =
        from.flatMap(found -> FitIdentity.rowTime(found.newest().identity()))
            .map(time -> checked.at(params, time))
            .orElse(checked);
    from.ifPresent(found -> found.check(identity.beforeData(timed), identity.isKnown()));
    clock.begin("slots");
    ReplicaChoice replicas = ReplicaChoice.of(params, checked.config());
    ParallelConfig parallel = checked.config().parallel();
    TaskProfile profile = rooms.profile;
    SlotCheck.await(profile, parallel, replicas.leastRanks(), resourceTimeout(), lines);
    DataMode mode = DataMode.of(params, from, parallel.worldSize(), profile, lines);
    try (SlotQueue.Turn turn =
        SlotQueue.of(spark).await(runId, mode.slots(parallel, profile), profile, lines)) {
      checkHosts(replicas, profile, turn);
      clock.begin("ingest");
      FitData data =
          mode == DataMode.STREAM
              ? FitData.stream(
                  params, dataset, timed, rooms.folder, staged(checkpoints), runId, lines)
              : FitData.ingest(params, dataset, timed, rooms.folder, staged(checkpoints));
      RunInputs inputs = timed.withSequences(params, data.sequences());
      RunIdentity whole = identity.withData(inputs, data);
      from.ifPresent(found -> found.check(whole, name -> true));
      turn.ingested();
      rooms.labels.describe("train " + runId);
      clock.begin(FitPhases.JOB);
      try (FitTracking tracking =
          FitTracking.start(params, spark, audience, journal(rooms), from)) {
        tracking.planned(runId, rooms.folder.location(), inputs, memory(inputs.plan()));
        try {
          TrainingJob.Outcome outcome =
              new TrainingJob(
                      params,
                      runId,
                      profile,
                      inputs,
                      data,
                      rooms.folder,
                      ReplicaChoice.of(params, inputs.config()),
                      turn,
                      rooms.shutdown,
                      tracking.progress())
                  .run(checkpoints, from, whole);
          TrainingHistory history = save(inputs, rooms.folder, outcome, checkpoints);
          tracking.completed(rooms.folder.location(), history, outcome.parallel());
          return new Trained(data.training().ingested(), history, outcome.parallel());
        } catch (Throwable e) {
          tracking.failed(e);
          throw e;
        }
      }
    }
  }

  /** Beside the checkpoints, which a run goes on from; else in the run's own folder. */
  private static String journal(Rooms rooms) {
    return rooms.checkpoints == null ? rooms.folder.journal() : rooms.checkpoints.location();
  }

  /**
   * Refuses what the cluster cannot do before anything starts.
   *
   * @return what each rank takes of its executor
   */
  private TaskProfile checkCluster(RunInputs inputs) {
    RankLinks.of(params, spark);
    TaskProfile profile = RankProfile.of(params, spark);
    if (!RankLinks.onGpus(params, spark.conf())) {
      for (TrainingConfig config : ReplicaChoice.of(params, inputs.config()).extremes()) {
        new MemoryCheck(config.parallel(), profile.cpus(), spark.conf())
            .check(rankMemory(config), isLenient());
      }
    }
    return profile;
  }

  private boolean isLenient() {
    return params.getMemoryCheck().equals("warn");
  }

  private RankMemory rankMemory(TrainingConfig config) {
    return RankMemory.of(params, memory(TrainingPlan.of(config)));
  }

  private List<MemoryEstimate> memory(TrainingPlan plan) {
    return MemoryEstimate.of(
        plan,
        EngineConfigs.validationConfig(params).orElse(null),
        RunCheckpoints.areWanted(params),
        RankLinks.onGpus(params, spark.conf()));
  }

  /** Also waits until other work lets the first task of the fit run. */
  private void checkHosts(ReplicaChoice replicas, TaskProfile profile, SlotQueue.Turn turn)
      throws InterruptedException {
    TaskProfile any = TaskProfile.ofSession(spark);
    TaskLaunch launch =
        new TaskLaunch(any, "run its first task", 1, resourceTimeout(), turn::othersIngest, lines);
    boolean onGpus = RankLinks.onGpus(params, spark.conf());
    List<HostMemory> hosts = HostMemory.ask(spark, any.available(), onGpus, launch);
    int slots = profile.available();
    if (!onGpus) {
      new ProcessorCheck(Precision.parse(params.getPrecision())).check(hosts);
    }
    for (TrainingConfig config : replicas.extremes()) {
      if (onGpus) {
        new GpuMemoryCheck(memory(TrainingPlan.of(config))).check(hosts, isLenient());
      } else {
        HostMemoryCheck.of(spark, config.parallel(), slots)
            .check(rankMemory(config), hosts, isLenient());
      }
    }
  }

  /** Where token shards outlive the fit: where the user says, or as long as it may be resumed. */
  private @Nullable StagedShards staged(@Nullable RunCheckpoints checkpoints) {
    if (params.isDefined(params.stagedDataPath())) {
      return new StagedShards(
          params.getStagedDataPath(),
          LeaseHolder.now("fit " + runId, 1),
          spark.hadoopConfiguration());
    }
    return checkpoints == null || params.isDefined(params.stagingDir())
        ? null
        : checkpoints.shards();
  }

  private Duration resourceTimeout() {
    return Duration.ofSeconds(params.getResourceTimeout());
  }

  private @Nullable RunCheckpoints claimCheckpoints(RunFolder folder) throws IOException {
    boolean stays = params.isDefined(params.outputPath());
    return RunCheckpoints.claim(
        params, stays ? folder.location() : null, runId, spark.hadoopConfiguration());
  }

  private TrainingHistory save(
      RunInputs inputs,
      RunFolder folder,
      TrainingJob.Outcome outcome,
      @Nullable RunCheckpoints checkpoints)
      throws IOException {
    List<RankResult> ranks = outcome.ranks();
    clock.begin("complete");
    boolean interrupted = Thread.interrupted(); // it comes too late to take the model away
    try {
      completeOutput(inputs, folder, ranks);
      folder.commit();
      if (checkpoints != null) {
        checkpoints.succeeded();
      }
      return TrainingHistory.of(
          ranks,
          params.getRestoreBestModel(),
          writeTimeline(inputs, folder, outcome),
          outcome.story());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The folder of the timeline's files; null: there are none. */
  private @Nullable String writeTimeline(
      RunInputs inputs, RunFolder folder, TrainingJob.Outcome outcome) {
    if (params.getTimelineSteps() == 0) {
      return null;
    }
    try {
      HadoopFolder timeline = HadoopFolder.of(folder.timeline(), spark.hadoopConfiguration());
      new TimelineFiles(timeline, inputs.plan().schedule()).write(firstReplica(outcome));
      return timeline.location();
    } catch (IOException | RuntimeException | LinkageError e) { // headless JREs lack what draws
      log.warn("{}: the timeline cannot be written; the model is there", runId, e);
      return null;
    }
  }

  private void completeOutput(RunInputs inputs, RunFolder folder, List<RankResult> ranks)
      throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    SavedWeights weights = SavedWeights.check(HadoopFolder.of(folder.weights(), conf), ranks);
    ModelFolder files = ModelFolder.of(folder.files(), conf);
    if (inputs.config().savesAdapters()) {
      ModelPaths start = requireNonNull(inputs.start(), "start is null");
      files.completeAdapters(
          requireNonNull(inputs.config().lora(), "lora is null"),
          requireNonNull(inputs.plan().lora(), "lora is null").modules(),
          HadoopFolder.of(start.model(), conf),
          start.name(),
          inputs.tokenizer());
    } else {
      files.complete(
          inputs.givenConfig(),
          inputs.generationConfig(),
          inputs.tokenizer(),
          params.getSaveDtype(),
          weights);
    }
    MetricsLog.complete(
        HadoopFolder.of(folder.files(), conf),
        ranks.stream().flatMap(rank -> rank.steps().stream()).toList(),
        ranks.get(0).validations());
    try {
      TokenizerFolder.copyCompanions(inputs.tokenizerPath(), folder.files(), conf);
    } catch (IOException e) {
      log.warn("{}: cannot copy older forms of the tokenizer; the model has the others", runId, e);
    }
  }

  private static List<List<TimelineSpan>> firstReplica(TrainingJob.Outcome outcome) {
    ParallelConfig parallel = outcome.parallel();
    return new ProcessGrid(parallel.ppSize(), parallel.dpSize())
        .pipelineOf(0).stream().map(rank -> outcome.ranks().get(rank).timeline()).toList();
  }
}
