package dev.penstock.engine.config;

import java.io.Serializable;

/**
 * All that defines a run, the same on the driver and on every rank.
 *
 * @param modelConfigJson text of the model's Hugging Face {@code config.json}
 * @param parallel the ranks
 * @param batch the batch of a step
 * @param schedule schedule and split
 * @param optimizer optimizer and clipping
 * @param lrSchedule learning rate over the steps
 * @param maxSteps optimizer steps to take
 * @param seed seed of the initial weights and of the data order
 */
public record TrainingConfig(
    String modelConfigJson,
    ParallelConfig parallel,
    BatchConfig batch,
    ScheduleConfig schedule,
    OptimizerConfig optimizer,
    LrScheduleConfig lrSchedule,
    int maxSteps,
    long seed)
    implements Serializable {
  public TrainingConfig {
    ConfigException.check(maxSteps >= 1, "maxSteps must be at least 1, but is %d.", maxSteps);
    batch.numMicrobatches(parallel);
  }

  /** Microbatches of one step on one replica. */
  public int numMicrobatches() {
    return batch.numMicrobatches(parallel);
  }
}
