package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.modelfiles.ModelFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the host of a rank supplies.
 *
 * @param source the rows, on ranks with the first stage; elsewhere null
 * @param weights the model, and maybe adapters, to start from; null: new weights by the seed
 * @param output where the trained weights go; null: nowhere
 * @param listener hears of the run what this rank alone knows
 * @param threads cores a matrix multiplication of this rank may use
 * @param timeout longest wait for another rank
 * @param validation when and how the run is validated, on every rank; null: never
 * @param validationSource the validation rows, on ranks with the first stage; elsewhere null
 * @param timelineSteps the last steps of which every action's begin and end is recorded; 0: none
 * @param checkpoints where checkpoints go and what the run goes on from, on every rank; null: none
 *     are made
 */
public record RankInputs(
    @Nullable MicrobatchSource source,
    @Nullable ModelFiles weights,
    @Nullable ModelOutput output,
    TrainingListener listener,
    int threads,
    Duration timeout,
    @Nullable ValidationConfig validation,
    @Nullable MicrobatchSource validationSource,
    int timelineSteps,
    @Nullable CheckpointInputs checkpoints) {
  public RankInputs {
    requireNonNull(listener, "listener is null");
    requireNonNull(timeout, "timeout is null");
  }

  /** A run that is not validated. */
  public RankInputs(
      @Nullable MicrobatchSource source,
      @Nullable ModelFiles weights,
      @Nullable ModelOutput output,
      TrainingListener listener,
      int threads,
      Duration timeout,
      int timelineSteps) {
    this(source, weights, output, listener, threads, timeout, null, null, timelineSteps, null);
  }

  /** The same with checkpoints. */
  public RankInputs withCheckpoints(CheckpointInputs wanted) {
    return new RankInputs(
        source,
        weights,
        output,
        listener,
        threads,
        timeout,
        validation,
        validationSource,
        timelineSteps,
        wanted);
  }
}
