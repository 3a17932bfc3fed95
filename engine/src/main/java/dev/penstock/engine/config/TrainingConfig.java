package dev.penstock.engine.config;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * All that defines a run, the same on the driver and on every rank.
 *
 * @param modelConfigJson text of the model's Hugging Face {@code config.json}
 * @param parallel the ranks
 * @param batch the batch of a step
 * @param schedule schedule and split
 * @param optimizer optimizer and clipping
 * @param lrSchedule learning rate over the steps
 * @param steps when the run ends
 * @param compute how stages are computed
 * @param lora adapters, which alone are trained then; null: the whole model is trained
 * @param seed seed of the initial weights and of the data order
 */
public record TrainingConfig(
    String modelConfigJson,
    ParallelConfig parallel,
    BatchConfig batch,
    ScheduleConfig schedule,
    OptimizerConfig optimizer,
    LrScheduleConfig lrSchedule,
    StepConfig steps,
    ComputeConfig compute,
    @Nullable LoraConfig lora,
    long seed)
    implements Serializable {
  public TrainingConfig {
    batch.accumulationSteps(parallel);
    batch.checkSize(parallel);
    lrSchedule.checkPeak(optimizer.learningRate());
  }

  /** A run that ends after {@code maxSteps} steps, all else by default. */
  public TrainingConfig(
      String modelConfigJson,
      ParallelConfig parallel,
      BatchConfig batch,
      ScheduleConfig schedule,
      OptimizerConfig optimizer,
      LrScheduleConfig lrSchedule,
      int maxSteps,
      long seed) {
    this(
        modelConfigJson,
        parallel,
        batch,
        schedule,
        optimizer,
        lrSchedule,
        StepConfig.ofMaxSteps(maxSteps),
        ComputeConfig.DEFAULT,
        null,
        seed);
  }

  /** The same with another end. */
  public TrainingConfig withSteps(StepConfig newSteps) {
    return new TrainingConfig(
        modelConfigJson,
        parallel,
        batch,
        schedule,
        optimizer,
        lrSchedule,
        newSteps,
        compute,
        lora,
        seed);
  }

  /** The same, computed in another way. */
  public TrainingConfig withCompute(ComputeConfig newCompute) {
    return new TrainingConfig(
        modelConfigJson,
        parallel,
        batch,
        schedule,
        optimizer,
        lrSchedule,
        steps,
        newCompute,
        lora,
        seed);
  }

  /**
   * The same on another number of replicas, each of which runs as many rows at a time as before:
   * fewer replicas sum more gradients to an optimizer step.
   *
   * @throws ConfigException if the global batch cannot be dealt out so
   */
  public TrainingConfig withReplicas(int dpSize) {
    if (dpSize == parallel.dpSize()) {
      return this;
    }
    return new TrainingConfig(
        modelConfigJson,
        new ParallelConfig(parallel.ppSize(), dpSize),
        new BatchConfig(
            batch.globalBatchSize(),
            batch.localBatchSize(parallel),
            batch.microbatchSize(),
            batch.seqLength()),
        schedule,
        optimizer,
        lrSchedule,
        steps,
        compute,
        lora,
        seed);
  }

  /** The same, training adapters alone. */
  public TrainingConfig withLora(LoraConfig newLora) {
    return new TrainingConfig(
        modelConfigJson,
        parallel,
        batch,
        schedule,
        optimizer,
        lrSchedule,
        steps,
        compute,
        newLora,
        seed);
  }

  /** Whether the result is adapters alone, not a model. */
  public boolean savesAdapters() {
    return lora != null && !lora.merge();
  }

  /** Optimizer steps at most; 0: as many as the epochs take. */
  public int maxSteps() {
    return steps.maxSteps() == null ? 0 : steps.maxSteps();
  }

  /** Microbatches of one pipeline step on one replica. */
  public int numMicrobatches() {
    return batch.numMicrobatches(parallel);
  }
}
