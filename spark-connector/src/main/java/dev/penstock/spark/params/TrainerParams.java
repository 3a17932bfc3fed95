package dev.penstock.spark.params;

/**
 * All Params of the trainer.
 *
 * @param <T> the stage, as its setters return it
 */
public interface TrainerParams<T>
    extends ScoringParams<T>,
        RowParams<T>,
        PackingParams<T>,
        ModelParams<T>,
        PipelineParams<T>,
        LoraParams<T>,
        OptimizerParams<T>,
        ValidationParams<T>,
        CheckpointParams<T>,
        RunParams<T>,
        TrackingParams<T> {}
