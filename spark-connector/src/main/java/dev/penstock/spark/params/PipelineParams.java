package dev.penstock.spark.params;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of the ranks, the schedule and the batch.
 *
 * @param <T> the stage, as its setters return it
 */
public interface PipelineParams<T> extends OptionParams<T> {
  default IntParam ppSize() {
    return option(TrainerOption.PP_SIZE);
  }

  default int getPpSize() {
    return value(TrainerOption.PP_SIZE);
  }

  default T setPpSize(int value) {
    return with(TrainerOption.PP_SIZE, value);
  }

  default IntParam dpSize() {
    return option(TrainerOption.DP_SIZE);
  }

  default int getDpSize() {
    return value(TrainerOption.DP_SIZE);
  }

  default T setDpSize(int value) {
    return with(TrainerOption.DP_SIZE, value);
  }

  default Param<String> ppSchedule() {
    return option(TrainerOption.PP_SCHEDULE);
  }

  default String getPpSchedule() {
    return value(TrainerOption.PP_SCHEDULE);
  }

  default T setPpSchedule(String value) {
    return with(TrainerOption.PP_SCHEDULE, value);
  }

  default IntParam ppMicrobatchSize() {
    return option(TrainerOption.PP_MICROBATCH_SIZE);
  }

  default int getPpMicrobatchSize() {
    return value(TrainerOption.PP_MICROBATCH_SIZE);
  }

  default T setPpMicrobatchSize(int value) {
    return with(TrainerOption.PP_MICROBATCH_SIZE, value);
  }

  default IntParam layersPerStage() {
    return option(TrainerOption.LAYERS_PER_STAGE);
  }

  default int getLayersPerStage() {
    return value(TrainerOption.LAYERS_PER_STAGE);
  }

  default T setLayersPerStage(int value) {
    return with(TrainerOption.LAYERS_PER_STAGE, value);
  }

  default Param<String> splitStrategy() {
    return option(TrainerOption.SPLIT_STRATEGY);
  }

  default String getSplitStrategy() {
    return value(TrainerOption.SPLIT_STRATEGY);
  }

  default T setSplitStrategy(String value) {
    return with(TrainerOption.SPLIT_STRATEGY, value);
  }

  default IntParam globalBatchSize() {
    return option(TrainerOption.GLOBAL_BATCH_SIZE);
  }

  default int getGlobalBatchSize() {
    return value(TrainerOption.GLOBAL_BATCH_SIZE);
  }

  default T setGlobalBatchSize(int value) {
    return with(TrainerOption.GLOBAL_BATCH_SIZE, value);
  }
}
