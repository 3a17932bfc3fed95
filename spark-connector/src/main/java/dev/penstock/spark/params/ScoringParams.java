package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of the trainer and of the model alike.
 *
 * @param <T> the stage, as its setters return it
 */
public interface ScoringParams<T> extends OptionParams<T> {
  default Param<String> inputCol() {
    return option(TrainerOption.INPUT_COL);
  }

  default String getInputCol() {
    return value(TrainerOption.INPUT_COL);
  }

  default T setInputCol(String value) {
    return with(TrainerOption.INPUT_COL, value);
  }

  default IntParam seqLength() {
    return option(TrainerOption.SEQ_LENGTH);
  }

  default int getSeqLength() {
    return value(TrainerOption.SEQ_LENGTH);
  }

  default T setSeqLength(int value) {
    return with(TrainerOption.SEQ_LENGTH, value);
  }

  default BooleanParam addSpecialTokens() {
    return option(TrainerOption.ADD_SPECIAL_TOKENS);
  }

  default boolean getAddSpecialTokens() {
    return value(TrainerOption.ADD_SPECIAL_TOKENS);
  }

  default T setAddSpecialTokens(boolean value) {
    return with(TrainerOption.ADD_SPECIAL_TOKENS, value);
  }

  default BooleanParam skipUnreadableRows() {
    return option(TrainerOption.SKIP_UNREADABLE_ROWS);
  }

  default boolean getSkipUnreadableRows() {
    return value(TrainerOption.SKIP_UNREADABLE_ROWS);
  }

  default T setSkipUnreadableRows(boolean value) {
    return with(TrainerOption.SKIP_UNREADABLE_ROWS, value);
  }

  default Param<String> nllCol() {
    return option(TrainerOption.NLL_COL);
  }

  default String getNllCol() {
    return value(TrainerOption.NLL_COL);
  }

  default T setNllCol(String value) {
    return with(TrainerOption.NLL_COL, value);
  }

  default Param<String> tokenCountCol() {
    return option(TrainerOption.TOKEN_COUNT_COL);
  }

  default String getTokenCountCol() {
    return value(TrainerOption.TOKEN_COUNT_COL);
  }

  default T setTokenCountCol(String value) {
    return with(TrainerOption.TOKEN_COUNT_COL, value);
  }

  default Param<String> baseModelPath() {
    return option(TrainerOption.BASE_MODEL_PATH);
  }

  default String getBaseModelPath() {
    return value(TrainerOption.BASE_MODEL_PATH);
  }

  default T setBaseModelPath(String value) {
    return with(TrainerOption.BASE_MODEL_PATH, value);
  }

  default Param<String> modelCachePath() {
    return option(TrainerOption.MODEL_CACHE_PATH);
  }

  default String getModelCachePath() {
    return value(TrainerOption.MODEL_CACHE_PATH);
  }

  default T setModelCachePath(String value) {
    return with(TrainerOption.MODEL_CACHE_PATH, value);
  }

  default Param<String> device() {
    return option(TrainerOption.DEVICE);
  }

  default String getDevice() {
    return value(TrainerOption.DEVICE);
  }

  default T setDevice(String value) {
    return with(TrainerOption.DEVICE, value);
  }

  default IntParam threadsPerRank() {
    return option(TrainerOption.THREADS_PER_RANK);
  }

  default int getThreadsPerRank() {
    return value(TrainerOption.THREADS_PER_RANK);
  }

  default T setThreadsPerRank(int value) {
    return with(TrainerOption.THREADS_PER_RANK, value);
  }
}
