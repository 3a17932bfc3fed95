package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * Params that say what is trained on what, and where the result goes.
 *
 * @param <T> the stage, as its setters return it
 */
public interface ModelParams<T> extends OptionParams<T> {
  default Param<String> weightCol() {
    return option(TrainerOption.WEIGHT_COL);
  }

  default String getWeightCol() {
    return value(TrainerOption.WEIGHT_COL);
  }

  default T setWeightCol(String value) {
    return with(TrainerOption.WEIGHT_COL, value);
  }

  default Param<String> chatTemplate() {
    return option(TrainerOption.CHAT_TEMPLATE);
  }

  default String getChatTemplate() {
    return value(TrainerOption.CHAT_TEMPLATE);
  }

  default T setChatTemplate(String value) {
    return with(TrainerOption.CHAT_TEMPLATE, value);
  }

  default Param<String> handleInvalid() {
    return option(TrainerOption.HANDLE_INVALID);
  }

  default String getHandleInvalid() {
    return value(TrainerOption.HANDLE_INVALID);
  }

  default T setHandleInvalid(String value) {
    return with(TrainerOption.HANDLE_INVALID, value);
  }

  default Param<String> tokenizerPath() {
    return option(TrainerOption.TOKENIZER_PATH);
  }

  default String getTokenizerPath() {
    return value(TrainerOption.TOKENIZER_PATH);
  }

  default T setTokenizerPath(String value) {
    return with(TrainerOption.TOKENIZER_PATH, value);
  }

  default IntParam eosTokenId() {
    return option(TrainerOption.EOS_TOKEN_ID);
  }

  default int getEosTokenId() {
    return value(TrainerOption.EOS_TOKEN_ID);
  }

  default T setEosTokenId(int value) {
    return with(TrainerOption.EOS_TOKEN_ID, value);
  }

  default Param<String> modelPath() {
    return option(TrainerOption.MODEL_PATH);
  }

  default String getModelPath() {
    return value(TrainerOption.MODEL_PATH);
  }

  default T setModelPath(String value) {
    return with(TrainerOption.MODEL_PATH, value);
  }

  default Param<String> modelConfig() {
    return option(TrainerOption.MODEL_CONFIG);
  }

  default String getModelConfig() {
    return value(TrainerOption.MODEL_CONFIG);
  }

  default T setModelConfig(String value) {
    return with(TrainerOption.MODEL_CONFIG, value);
  }

  default Param<String> outputPath() {
    return option(TrainerOption.OUTPUT_PATH);
  }

  default String getOutputPath() {
    return value(TrainerOption.OUTPUT_PATH);
  }

  default T setOutputPath(String value) {
    return with(TrainerOption.OUTPUT_PATH, value);
  }

  default BooleanParam overwriteOutput() {
    return option(TrainerOption.OVERWRITE_OUTPUT);
  }

  default boolean getOverwriteOutput() {
    return value(TrainerOption.OVERWRITE_OUTPUT);
  }

  default T setOverwriteOutput(boolean value) {
    return with(TrainerOption.OVERWRITE_OUTPUT, value);
  }

  default Param<String> stagedDataPath() {
    return option(TrainerOption.STAGED_DATA_PATH);
  }

  default String getStagedDataPath() {
    return value(TrainerOption.STAGED_DATA_PATH);
  }

  default T setStagedDataPath(String value) {
    return with(TrainerOption.STAGED_DATA_PATH, value);
  }

  default Param<String> stagingDir() {
    return option(TrainerOption.STAGING_DIR);
  }

  default String getStagingDir() {
    return value(TrainerOption.STAGING_DIR);
  }

  default T setStagingDir(String value) {
    return with(TrainerOption.STAGING_DIR, value);
  }

  default LongParam seed() {
    return option(TrainerOption.SEED);
  }

  default long getSeed() {
    return value(TrainerOption.SEED);
  }

  default T setSeed(long value) {
    return with(TrainerOption.SEED, value);
  }

  default Param<String> saveDtype() {
    return option(TrainerOption.SAVE_DTYPE);
  }

  default String getSaveDtype() {
    return value(TrainerOption.SAVE_DTYPE);
  }

  default T setSaveDtype(String value) {
    return with(TrainerOption.SAVE_DTYPE, value);
  }

  default LongParam maxShardBytes() {
    return option(TrainerOption.MAX_SHARD_BYTES);
  }

  default long getMaxShardBytes() {
    return value(TrainerOption.MAX_SHARD_BYTES);
  }

  default T setMaxShardBytes(long value) {
    return with(TrainerOption.MAX_SHARD_BYTES, value);
  }
}
