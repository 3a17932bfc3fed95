package dev.penstock.spark.fit;

import dev.penstock.datasets.shard.ShardManifest;
import dev.penstock.engine.checkpoint.RunIdentity;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.ResumeRules;
import dev.penstock.engine.train.StageSummary;
import dev.penstock.spark.barrier.CheckpointSpec;
import dev.penstock.spark.barrier.RankJob;
import dev.penstock.spark.barrier.RunSpec;
import dev.penstock.spark.barrier.SlotCheck;
import dev.penstock.spark.barrier.SlotQueue;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import dev.penstock.spark.progress.StepProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run of the ranks over data that were ingested, in as many attempts as it takes.
 *
 * @param turn at the task slots, which the fit has
 */
record TrainingJob(
    TrainerParams<?> params,
    String runId,
    SparkContext spark,
    RunInputs inputs,
    RunFolder folder,
    SlotQueue.Turn turn,
    Consumer<String> progressLines) {
  private static final Logger log = LoggerFactory.getLogger(TrainingJob.class);

  /**
   * What came of it.
   *
   * @param ranks what the ranks of the last attempt handed back
   * @param story of all attempts
   */
  record Outcome(List<RankResult> ranks, AttemptStory story) {}

  /**
   * Runs it.
   *
   * @param checkpoints null: none are made
   */
  Outcome run(@Nullable RunCheckpoints checkpoints) throws IOException, InterruptedException {
    StepProgress progress =
        new StepProgress(inputs.numSteps(), params.getProgressInterval(), progressLines);
    Attempts attempts =
        new Attempts(checkpoints, identity(), params.getMaxAttempts(), inputs.numSteps(), progress);
    List<RankResult> ranks = attempts.run((name, spec) -> attempt(progress, name, spec));
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
    return new Outcome(ranks, story);
  }

  private RunIdentity identity() throws IOException {
    Configuration conf = spark.hadoopConfiguration();
    Map<String, String> decisive =
        new TreeMap<>(
            ResumeRules.decisive(
                inputs.config(), EngineConfigs.validationConfig(params).orElse(null)));
    decisive.put("data", ShardManifest.read(HadoopFolder.of(folder.shards(), conf)).fingerprint());
    if (validated()) {
      decisive.put(
          "validationData",
          ShardManifest.read(HadoopFolder.of(folder.validationShards(), conf)).fingerprint());
    }
    if (inputs.start() != null) {
      decisive.put("startingWeights", inputs.start().weightFiles(conf));
    }
    Map<String, String> free = new TreeMap<>(ResumeRules.free(inputs.config()));
    free.put("version.spark", spark.version());
    free.put("version.java", Runtime.version().toString());
    return new RunIdentity(runId, decisive, free);
  }

  private boolean validated() {
    return params.isDefined(params.validationIndicatorCol());
  }

  private List<RankResult> attempt(
      StepProgress progress, String name, @Nullable CheckpointSpec checkpoints)
      throws InterruptedException {
    Duration resourceTimeout = Duration.ofSeconds(params.getResourceTimeout());
    SlotCheck.await(spark, inputs.config().parallel(), resourceTimeout);
    RunSpec spec =
        new RunSpec(
            runId,
            inputs.config(),
            new RunSpec.Folders(
                folder.shards(),
                validated() ? folder.validationShards() : null,
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
            RankLinks.of(params, spark),
            checkpoints);
    return new RankJob(spark, spec, this::stagesOf)
        .run(progress, resourceTimeout, turn::othersIngest);
  }

  private String stagesOf(int rank) {
    ParallelConfig parallel = inputs.config().parallel();
    int ppRank = new ProcessGrid(parallel.ppSize(), parallel.dpSize()).ppRank(rank);
    return inputs.plan().stages().stream()
        .filter(stage -> stage.ppRank() == ppRank)
        .map(StageSummary::stage)
        .map(stage -> "stage " + stage)
        .collect(Collectors.joining(", "));
  }
}
