package dev.penstock.spark.fit;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.train.MemoryEstimate;
import dev.penstock.engine.train.PhaseClock;
import dev.penstock.engine.train.RankResult;
import dev.penstock.spark.barrier.JobLabels;
import dev.penstock.spark.barrier.SlotCheck;
import dev.penstock.spark.barrier.SlotQueue;
import dev.penstock.spark.barrier.TrainingFailedException;
import dev.penstock.spark.data.IngestSpec;
import dev.penstock.spark.data.IngestedData;
import dev.penstock.spark.data.TextColumns;
import dev.penstock.spark.data.TextIngest;
import dev.penstock.spark.data.TextRows;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.ModelFolder;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.SavedWeights;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.interop.TaskSlots;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.progress.MemoryTable;
import dev.penstock.spark.progress.StageTable;
import dev.penstock.spark.timeline.TimelineFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
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
  private final Consumer<String> progressLines;
  private final PhaseClock clock = new PhaseClock();

  /**
   * @param inOwnFolder whether outputPath is only what the model's own folder lies in
   */
  public TrainingRun(
      TrainerParams<?> params,
      String runId,
      SparkContext spark,
      boolean inOwnFolder,
      Consumer<String> progressLines) {
    this.params = params;
    this.runId = runId;
    this.spark = spark;
    this.inOwnFolder = inOwnFolder;
    this.progressLines = progressLines;
  }

  /** Runs it, once. */
  public FitOutcome run(Dataset<?> dataset) throws IOException {
    clock.begin("plan");
    RunInputs checked = RunInputs.read(params, spark.hadoopConfiguration());
    String stageTable = StageTable.draw(checked.plan().stages());
    List<MemoryEstimate> memory = MemoryEstimate.of(checked.plan());
    log.info(
        "{}: {}\n{}\nExpected memory of each rank, in MB, beside the JVM and native libraries:\n{}",
        runId,
        describeParams(),
        stageTable,
        MemoryTable.draw(memory));
    checkCluster(checked, memory);
    checked.warnings().forEach(warning -> log.warn("{}: {}", runId, warning));
    FitSources sources = FitSources.of(params, checked, dataset, spark.hadoopConfiguration());
    TrainingHistory history;
    IngestedData data;
    String model;
    try (RunFolder folder = RunFolder.claim(params, checked, sources, runId, inOwnFolder, spark);
        RunCheckpoints checkpoints = claimCheckpoints(folder);
        JobLabels labels = new JobLabels(spark, runId, "ingest texts for " + runId)) {
      model = folder.location();
      clock.begin("slots");
      SlotCheck.await(spark, checked.config().parallel(), resourceTimeout());
      try (SlotQueue.Turn turn =
          SlotQueue.of(spark).await(runId, checked.config().parallel().worldSize())) {
        checkHosts(checked, memory);
        clock.begin("ingest");
        data = ingest(dataset, checked, folder);
        RunInputs inputs = checked.withSequences(params, data.packing().sequences());
        turn.ingested();
        labels.describe("train " + runId);
        history =
            trainAndSave(
                new TrainingJob(params, runId, spark, inputs, folder, turn, progressLines),
                checkpoints);
      }
      labels.finished();
      clock.begin("clean");
    } catch (InterruptedException e) {
      throw TrainingFailedException.interrupted(e);
    }
    log.info("{}: the model is in {}", runId, model);
    Map<String, Double> phases = FitPhases.of(clock.stop(), history.phaseSeconds());
    String memoryTable =
        MemoryTable.draw(memory, history.peakBytesOfPipeline(checked.config().parallel()));
    return new FitOutcome(
        model, history, stageTable, memoryTable, data, phases, checked.warnings());
  }

  /** Refuses what the cluster cannot do before anything starts. */
  private void checkCluster(RunInputs inputs, List<MemoryEstimate> memory) {
    RankLinks.of(params, spark);
    if (!RankLinks.onGpus(params, spark.conf())) {
      new MemoryCheck(inputs.config().parallel(), spark.conf())
          .check(memory, params.getMemoryCheck().equals("warn"));
    }
  }

  private void checkHosts(RunInputs inputs, List<MemoryEstimate> memory) {
    if (!RankLinks.onGpus(params, spark.conf())) {
      int slots = TaskSlots.available(spark);
      HostMemoryCheck.of(spark, inputs.config().parallel(), slots)
          .check(memory, HostMemory.ask(spark, slots), params.getMemoryCheck().equals("warn"));
    }
  }

  private Duration resourceTimeout() {
    return Duration.ofSeconds(params.getResourceTimeout());
  }

  private @Nullable RunCheckpoints claimCheckpoints(RunFolder folder) throws IOException {
    boolean stays = params.isDefined(params.outputPath());
    return RunCheckpoints.claim(
        params, stays ? folder.location() : null, runId, spark.hadoopConfiguration());
  }

  private TrainingHistory trainAndSave(TrainingJob job, @Nullable RunCheckpoints checkpoints)
      throws IOException, InterruptedException {
    clock.begin(FitPhases.JOB);
    TrainingJob.Outcome outcome = job.run(checkpoints);
    List<RankResult> ranks = outcome.ranks();
    RunInputs inputs = job.inputs();
    RunFolder folder = job.folder();
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
          writeTimeline(inputs, folder, ranks),
          outcome.story());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The folder of the timeline's files; null: there are none. */
  private @Nullable String writeTimeline(
      RunInputs inputs, RunFolder folder, List<RankResult> ranks) {
    if (params.getTimelineSteps() == 0) {
      return null;
    }
    try {
      HadoopFolder timeline = HadoopFolder.of(folder.timeline(), spark.hadoopConfiguration());
      new TimelineFiles(timeline, inputs.plan().schedule()).write(firstReplica(inputs, ranks));
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
          inputs.tokenizer());
    } else {
      files.complete(
          inputs.givenConfig(),
          inputs.generationConfig(),
          inputs.tokenizer(),
          params.getSaveDtype(),
          weights);
    }
    try {
      String tokenizer = RunInputs.tokenizerPath(params, inputs.start(), conf);
      TokenizerFolder.copyCompanions(tokenizer, folder.files(), conf);
    } catch (IOException e) {
      log.warn("{}: cannot copy older forms of the tokenizer; the model has the others", runId, e);
    }
  }

  private IngestedData ingest(Dataset<?> dataset, RunInputs inputs, RunFolder folders)
      throws IOException {
    TextColumns columns = columns();
    try (TextRows rows = TextRows.of(dataset, columns)) {
      checkTraining(rows, columns);
      IngestedData data =
          new TextIngest(ingestSpec(inputs, "rows", folders.shards())).ingest(rows.training());
      if (columns.validation() != null) {
        String where =
            "rows where '%s' (validationIndicatorCol) is true".formatted(columns.validation());
        new TextIngest(ingestSpec(inputs, where, folders.validationShards()))
            .ingest(rows.validation());
      }
      return data;
    }
  }

  private static void checkTraining(TextRows rows, TextColumns columns) {
    if (columns.validation() != null && rows.training().isEmpty()) {
      long validated = rows.validation().count();
      if (validated > 0) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "Column '%s' (validationIndicatorCol) is true in all %d rows: all are validated on,"
                    + " none is left to train on.",
                columns.validation(),
                validated));
      }
    }
  }

  private TextColumns columns() {
    return new TextColumns(
        params.getInputCol(),
        params.<String>valueIfAny(TrainerOption.WEIGHT_COL).orElse(null),
        params.<String>valueIfAny(TrainerOption.VALIDATION_INDICATOR_COL).orElse(null));
  }

  private String describeParams() {
    return Arrays.stream(params.params())
        .filter(params::isDefined)
        .map(param -> param.name() + "=" + describe(params.getOrDefault(param)))
        .map(text -> text.replaceAll("\\s+", " "))
        .collect(Collectors.joining(", "));
  }

  private static String describe(Object value) {
    return value instanceof String[] texts ? Arrays.toString(texts) : value.toString();
  }

  private IngestSpec ingestSpec(RunInputs inputs, String rows, String folder) {
    return new IngestSpec(
        columns(),
        rows,
        params.getHandleInvalid().equals("skip"),
        inputs.tokenizer(),
        params.getAddSpecialTokens() ? SpecialTokens.INCLUDED : SpecialTokens.EXCLUDED,
        inputs.packing(),
        inputs.plan().spec().vocabSize(),
        folder);
  }

  private static List<List<TimelineSpan>> firstReplica(RunInputs inputs, List<RankResult> ranks) {
    ParallelConfig parallel = inputs.config().parallel();
    return new ProcessGrid(parallel.ppSize(), parallel.dpSize())
        .pipelineOf(0).stream().map(rank -> ranks.get(rank).timeline()).toList();
  }
}
