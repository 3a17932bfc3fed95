package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
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

  default IntParam localBatchSize() {
    return option(TrainerOption.LOCAL_BATCH_SIZE);
  }

  default int getLocalBatchSize() {
    return value(TrainerOption.LOCAL_BATCH_SIZE);
  }

  default T setLocalBatchSize(int value) {
    return with(TrainerOption.LOCAL_BATCH_SIZE, value);
  }

  default Param<String> ppScheduleCsv() {
    return option(TrainerOption.PP_SCHEDULE_CSV);
  }

  default String getPpScheduleCsv() {
    return value(TrainerOption.PP_SCHEDULE_CSV);
  }

  default T setPpScheduleCsv(String value) {
    return with(TrainerOption.PP_SCHEDULE_CSV, value);
  }

  default Param<String> roundVirtualStagesToPpMultiple() {
    return option(TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE);
  }

  default String getRoundVirtualStagesToPpMultiple() {
    return value(TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE);
  }

  default T setRoundVirtualStagesToPpMultiple(String value) {
    return with(TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE, value);
  }

  default Param<String> moduleNamesPerStage() {
    return option(TrainerOption.MODULE_NAMES_PER_STAGE);
  }

  default String getModuleNamesPerStage() {
    return value(TrainerOption.MODULE_NAMES_PER_STAGE);
  }

  default T setModuleNamesPerStage(String value) {
    return with(TrainerOption.MODULE_NAMES_PER_STAGE, value);
  }

  default BooleanParam documentMask() {
    return option(TrainerOption.DOCUMENT_MASK);
  }

  default boolean getDocumentMask() {
    return value(TrainerOption.DOCUMENT_MASK);
  }

  default T setDocumentMask(boolean value) {
    return with(TrainerOption.DOCUMENT_MASK, value);
  }

  default DoubleParam dropout() {
    return option(TrainerOption.DROPOUT);
  }

  default double getDropout() {
    return value(TrainerOption.DROPOUT);
  }

  default T setDropout(double value) {
    return with(TrainerOption.DROPOUT, value);
  }

  default Param<String> recompute() {
    return option(TrainerOption.RECOMPUTE);
  }

  default String getRecompute() {
    return value(TrainerOption.RECOMPUTE);
  }

  default T setRecompute(String value) {
    return with(TrainerOption.RECOMPUTE, value);
  }

  default Param<String> precision() {
    return option(TrainerOption.PRECISION);
  }

  default String getPrecision() {
    return value(TrainerOption.PRECISION);
  }

  default T setPrecision(String value) {
    return with(TrainerOption.PRECISION, value);
  }
}
