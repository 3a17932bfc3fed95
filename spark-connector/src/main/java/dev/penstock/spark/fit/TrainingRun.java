package dev.penstock.spark.fit;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.train.MemoryEstimate;
import dev.penstock.engine.train.PhaseClock;
import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.StageSummary;
import dev.penstock.spark.barrier.JobLabels;
import dev.penstock.spark.barrier.RankJob;
import dev.penstock.spark.barrier.RunSpec;
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
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.progress.MemoryTable;
import dev.penstock.spark.progress.StageTable;
import dev.penstock.spark.progress.StepProgress;
import dev.penstock.spark.timeline.TimelineFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One fit: checks, ingests the data, runs the ranks, completes the model folder. */
public final class TrainingRun {
  private static final Logger log = LoggerFactory.getLogger(TrainingRun.class);

  private final TrainerParams<?> params;
  private final String runId;
  private final SparkContext spark;
  private final Consumer<String> progressLines;
  private final PhaseClock clock = new PhaseClock();

  public TrainingRun(
      TrainerParams<?> params, String runId, SparkContext spark, Consumer<String> progressLines) {
    this.params = params;
    this.runId = runId;
    this.spark = spark;
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
    RankLinks.of(params, spark); // refuses what cannot be before anything starts
    RunFolders folders = RunFolders.of(params, runId, spark);
    TrainingHistory history;
    IngestedData data;
    try (JobLabels labels = new JobLabels(spark, runId, "ingest texts for " + runId)) {
      clock.begin("slots");
      SlotCheck.await(spark, checked.config().parallel(), resourceTimeout());
      try (SlotQueue.Turn turn =
          SlotQueue.of(spark).await(runId, checked.config().parallel().worldSize())) {
        clock.begin("ingest");
        data = ingest(dataset, checked, folders);
        RunInputs inputs = checked.withSequences(params, data.packing().sequences());
        turn.ingested();
        labels.describe("train " + runId);
        history = trainAndSave(inputs, folders, turn);
      }
      labels.finished();
    } catch (InterruptedException e) {
      throw TrainingFailedException.interrupted(e);
    } finally {
      clock.begin("clean");
      cleanUp(HadoopFolder.of(folders.staging(), spark.hadoopConfiguration())::deleteAll);
    }
    log.info("{}: the model is in {}", runId, folders.output());
    Map<String, Double> phases = FitPhases.of(clock.stop(), history.phaseSeconds());
    String memoryTable =
        MemoryTable.draw(memory, history.peakBytesOfPipeline(checked.config().parallel()));
    return new FitOutcome(folders.output(), history, stageTable, memoryTable, data, phases);
  }

  private Duration resourceTimeout() {
    return Duration.ofSeconds(params.getResourceTimeout());
  }

  private TrainingHistory trainAndSave(RunInputs inputs, RunFolders folders, SlotQueue.Turn turn)
      throws IOException {
    HadoopFolder output = HadoopFolder.of(folders.output(), spark.hadoopConfiguration());
    HadoopFolder timeline = HadoopFolder.of(folders.timeline(), spark.hadoopConfiguration());
    output.deleteFiles(); // there are none, unless overwriteOutput is set
    timeline.deleteAll();
    try {
      clock.begin(FitPhases.JOB);
      List<RankResult> ranks = train(inputs, folders, turn);
      clock.begin("complete");
      completeOutput(inputs, folders, ranks);
      boolean drawn = params.getTimelineSteps() > 0;
      if (drawn) {
        new TimelineFiles(timeline, inputs.plan().schedule()).write(firstReplica(inputs, ranks));
      }
      return TrainingHistory.of(
          ranks, params.getRestoreBestModel(), drawn ? timeline.location() : null);
    } catch (IOException | RuntimeException e) {
      cleanUp(output::deleteFiles); // or part of a model would look like one
      throw e;
    }
  }

  private void completeOutput(RunInputs inputs, RunFolders folders, List<RankResult> ranks)
      throws IOException {
    ModelFolder output = ModelFolder.of(folders.output(), spark.hadoopConfiguration());
    if (inputs.config().savesAdapters()) {
      ModelPaths start = requireNonNull(inputs.start(), "start is null");
      output.completeAdapters(
          requireNonNull(inputs.config().lora(), "lora is null"),
          requireNonNull(inputs.plan().lora(), "lora is null").modules(),
          HadoopFolder.of(start.model(), spark.hadoopConfiguration()),
          inputs.tokenizer(),
          ranks);
    } else {
      output.complete(
          inputs.config().modelConfigJson(),
          inputs.generationConfig(),
          inputs.tokenizer(),
          params.getSaveDtype(),
          ranks);
    }
  }

  private IngestedData ingest(Dataset<?> dataset, RunInputs inputs, RunFolders folders)
      throws IOException {
    TextColumns columns = columns();
    try (TextRows rows = TextRows.of(dataset, columns)) {
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

  private TextColumns columns() {
    return new TextColumns(
        params.getInputCol(),
        params.<String>valueIfAny(TrainerOption.WEIGHT_COL).orElse(null),
        params.<String>valueIfAny(TrainerOption.VALIDATION_INDICATOR_COL).orElse(null));
  }

  private interface Cleaning {
    void run() throws IOException;
  }

  /** Leaves the outcome of the run as it is, and goes on in a thread that was interrupted. */
  private static void cleanUp(Cleaning cleaning) {
    boolean interrupted = Thread.interrupted();
    try {
      cleaning.run();
    } catch (IOException e) {
      log.warn("Cannot clean up after a run", e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
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

  private List<RankResult> train(RunInputs inputs, RunFolders folders, SlotQueue.Turn turn) {
    RunSpec spec =
        new RunSpec(
            runId,
            inputs.config(),
            new RunSpec.Folders(
                folders.shards(),
                columns().validation() == null ? null : folders.validationShards(),
                inputs.start(),
                folders.output(),
                folders.failures()),
            new SaveConfig(params.getSaveDtype(), params.getMaxShardBytes()),
            EngineConfigs.validationConfig(params).orElse(null),
            params.getTimelineSteps(),
            params.getDevice(),
            params.<Integer>valueIfAny(TrainerOption.THREADS_PER_RANK).orElse(null),
            Duration.ofSeconds(params.getStepTimeout()),
            Duration.ofSeconds(params.getRendezvousTimeout()),
            RankLinks.of(params, spark));
    StepProgress progress =
        new StepProgress(inputs.numSteps(), params.getProgressInterval(), progressLines);
    List<RankResult> ranks =
        new RankJob(spark, spec, rank -> stagesOf(rank, inputs))
            .run(progress, resourceTimeout(), turn::othersIngest);
    TrainingHistory history = TrainingHistory.of(ranks, false, null);
    progress.accept(history.steps(), history.validations());
    if (history.steps().size() < inputs.numSteps()) {
      progressLines.accept(
          "ended after step %d of %d: no lower validation loss (earlyStoppingPatience)"
              .formatted(history.steps().size(), inputs.numSteps()));
    }
    return ranks;
  }

  private static String stagesOf(int rank, RunInputs inputs) {
    ParallelConfig parallel = inputs.config().parallel();
    int ppRank = new ProcessGrid(parallel.ppSize(), parallel.dpSize()).ppRank(rank);
    return inputs.plan().stages().stream()
        .filter(stage -> stage.ppRank() == ppRank)
        .map(StageSummary::stage)
        .map(stage -> "stage " + stage)
        .collect(Collectors.joining(", "));
  }

  private static List<List<TimelineSpan>> firstReplica(RunInputs inputs, List<RankResult> ranks) {
    ParallelConfig parallel = inputs.config().parallel();
    return new ProcessGrid(parallel.ppSize(), parallel.dpSize())
        .pipelineOf(0).stream().map(rank -> ranks.get(rank).timeline()).toList();
  }
}
