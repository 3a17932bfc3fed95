package dev.penstock.spark.barrier;

import dev.penstock.datasets.shard.StreamFormat;
import dev.penstock.engine.comm.LinkOptions;
import dev.penstock.engine.config.SaveConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.spark.fs.ModelPaths;
import java.io.Serializable;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the driver tells every rank.
 *
 * @param runId names this run among all others
 * @param config the run
 * @param folders where things lie
 * @param save how the weights are saved
 * @param validation when it is validated; null: never
 * @param timelineSteps the last steps of which each action is timed
 * @param device the Param: auto, cpu or cuda
 * @param threads CPU threads of a rank; null: as many as Spark gave its task
 * @param stepTimeout longest a rank may take to get on
 * @param rendezvousTimeout longest the ranks wait for each other at the start
 * @param stream what the shards are if they are made while the ranks run; null: they are there
 * @param links how ranks in different executors connect
 * @param checkpoints where checkpoints go and what the ranks go on from; null: none are made
 */
public record RunSpec(
    String runId,
    TrainingConfig config,
    Folders folders,
    SaveConfig save,
    @Nullable ValidationConfig validation,
    int timelineSteps,
    String device,
    @Nullable Integer threads,
    Duration stepTimeout,
    Duration rendezvousTimeout,
    @Nullable StreamFormat stream,
    LinkOptions links,
    @Nullable CheckpointSpec checkpoints)
    implements Serializable {

  /**
   * Folders on a Hadoop file system that all executors reach.
   *
   * @param shards the ingested tokens
   * @param validationShards the ingested tokens to validate on; null: there are none
   * @param start the model to start from; null: random weights
   * @param output where the ranks write theirs
   * @param failures where they leave what ended them
   * @param results where they leave what they have to tell
   */
  public record Folders(
      String shards,
      @Nullable String validationShards,
      @Nullable ModelPaths start,
      String output,
      String failures,
      String results)
      implements Serializable {}
}
