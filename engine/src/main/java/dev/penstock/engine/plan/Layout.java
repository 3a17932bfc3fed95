package dev.penstock.engine.plan;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import org.jspecify.annotations.Nullable;

/**
 * What of a configuration changes speed and memory of a run, and the result by rounding at most.
 *
 * @param parallel ranks
 * @param schedule order and cut
 * @param localBatchSize rows of one pipeline step on one replica; null: all of the replica's
 * @param microbatchSize rows of a microbatch
 * @param shardState whether replicas share the optimizer's moments
 * @param recompute which layers run again
 * @param precision of weights and activations
 */
public record Layout(
    ParallelConfig parallel,
    ScheduleConfig schedule,
    @Nullable Integer localBatchSize,
    int microbatchSize,
    boolean shardState,
    Recompute recompute,
    Precision precision) {
  /** That of a run. */
  public static Layout of(TrainingConfig config) {
    return new Layout(
        config.parallel(),
        config.schedule(),
        config.batch().localBatchSize(),
        config.batch().microbatchSize(),
        config.optimizer().shardState(),
        config.compute().recompute(),
        config.compute().precision());
  }

  /**
   * A run laid out so.
   *
   * @throws dev.penstock.engine.config.ConfigException if it cannot be
   */
  TrainingConfig applyTo(TrainingConfig run) {
    return new TrainingConfig(
        run.modelConfigJson(),
        parallel,
        new BatchConfig(
            run.batch().globalBatchSize(), localBatchSize, microbatchSize, run.batch().seqLength()),
        schedule,
        run.optimizer().withShardState(shardState),
        run.lrSchedule(),
        run.steps(),
        run.compute().withRecompute(recompute).withPrecision(precision),
        run.lora(),
        run.seed());
  }

  Layout withParallel(ParallelConfig other) {
    return new Layout(
        other, schedule, localBatchSize, microbatchSize, shardState, recompute, precision);
  }

  Layout withSchedule(ScheduleConfig other) {
    return new Layout(
        parallel, other, localBatchSize, microbatchSize, shardState, recompute, precision);
  }

  Layout withLocalBatchSize(@Nullable Integer rows) {
    return new Layout(parallel, schedule, rows, microbatchSize, shardState, recompute, precision);
  }

  Layout withMicrobatchSize(int rows) {
    return new Layout(parallel, schedule, localBatchSize, rows, shardState, recompute, precision);
  }

  Layout withShardState(boolean shard) {
    return new Layout(
        parallel, schedule, localBatchSize, microbatchSize, shard, recompute, precision);
  }

  Layout withRecompute(Recompute other) {
    return new Layout(
        parallel, schedule, localBatchSize, microbatchSize, shardState, other, precision);
  }

  Layout withPrecision(Precision other) {
    return new Layout(
        parallel, schedule, localBatchSize, microbatchSize, shardState, recompute, other);
  }
}
