package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of the generator of texts.
 *
 * @param <T> the stage, as its setters return it
 */
public interface GeneratorParams<T> extends OptionParams<T> {
  default Param<String> modelPath() {
    return option(GeneratorOption.MODEL_PATH);
  }

  default String getModelPath() {
    return value(GeneratorOption.MODEL_PATH);
  }

  default T setModelPath(String value) {
    return with(GeneratorOption.MODEL_PATH, value);
  }

  default Param<String> baseModelPath() {
    return option(GeneratorOption.BASE_MODEL_PATH);
  }

  default String getBaseModelPath() {
    return value(GeneratorOption.BASE_MODEL_PATH);
  }

  default T setBaseModelPath(String value) {
    return with(GeneratorOption.BASE_MODEL_PATH, value);
  }

  default Param<String> modelCachePath() {
    return option(GeneratorOption.MODEL_CACHE_PATH);
  }

  default String getModelCachePath() {
    return value(GeneratorOption.MODEL_CACHE_PATH);
  }

  default T setModelCachePath(String value) {
    return with(GeneratorOption.MODEL_CACHE_PATH, value);
  }

  default Param<String> inputCol() {
    return option(GeneratorOption.INPUT_COL);
  }

  default String getInputCol() {
    return value(GeneratorOption.INPUT_COL);
  }

  default T setInputCol(String value) {
    return with(GeneratorOption.INPUT_COL, value);
  }

  default Param<String> outputCol() {
    return option(GeneratorOption.OUTPUT_COL);
  }

  default String getOutputCol() {
    return value(GeneratorOption.OUTPUT_COL);
  }

  default T setOutputCol(String value) {
    return with(GeneratorOption.OUTPUT_COL, value);
  }

  default IntParam maxNewTokens() {
    return option(GeneratorOption.MAX_NEW_TOKENS);
  }

  default int getMaxNewTokens() {
    return value(GeneratorOption.MAX_NEW_TOKENS);
  }

  default T setMaxNewTokens(int value) {
    return with(GeneratorOption.MAX_NEW_TOKENS, value);
  }

  default BooleanParam doSample() {
    return option(GeneratorOption.DO_SAMPLE);
  }

  default boolean getDoSample() {
    return value(GeneratorOption.DO_SAMPLE);
  }

  default T setDoSample(boolean value) {
    return with(GeneratorOption.DO_SAMPLE, value);
  }

  default DoubleParam temperature() {
    return option(GeneratorOption.TEMPERATURE);
  }

  default double getTemperature() {
    return value(GeneratorOption.TEMPERATURE);
  }

  default T setTemperature(double value) {
    return with(GeneratorOption.TEMPERATURE, value);
  }

  default IntParam topK() {
    return option(GeneratorOption.TOP_K);
  }

  default int getTopK() {
    return value(GeneratorOption.TOP_K);
  }

  default T setTopK(int value) {
    return with(GeneratorOption.TOP_K, value);
  }

  default DoubleParam topP() {
    return option(GeneratorOption.TOP_P);
  }

  default double getTopP() {
    return value(GeneratorOption.TOP_P);
  }

  default T setTopP(double value) {
    return with(GeneratorOption.TOP_P, value);
  }

  default DoubleParam repetitionPenalty() {
    return option(GeneratorOption.REPETITION_PENALTY);
  }

  default double getRepetitionPenalty() {
    return value(GeneratorOption.REPETITION_PENALTY);
  }

  default T setRepetitionPenalty(double value) {
    return with(GeneratorOption.REPETITION_PENALTY, value);
  }

  default LongParam seed() {
    return option(GeneratorOption.SEED);
  }

  default long getSeed() {
    return value(GeneratorOption.SEED);
  }

  default T setSeed(long value) {
    return with(GeneratorOption.SEED, value);
  }

  default BooleanParam addSpecialTokens() {
    return option(GeneratorOption.ADD_SPECIAL_TOKENS);
  }

  default boolean getAddSpecialTokens() {
    return value(GeneratorOption.ADD_SPECIAL_TOKENS);
  }

  default T setAddSpecialTokens(boolean value) {
    return with(GeneratorOption.ADD_SPECIAL_TOKENS, value);
  }

  default Param<String> device() {
    return option(GeneratorOption.DEVICE);
  }

  default String getDevice() {
    return value(GeneratorOption.DEVICE);
  }

  default T setDevice(String value) {
    return with(GeneratorOption.DEVICE, value);
  }

  default IntParam threadsPerRank() {
    return option(GeneratorOption.THREADS_PER_RANK);
  }

  default int getThreadsPerRank() {
    return value(GeneratorOption.THREADS_PER_RANK);
  }

  default T setThreadsPerRank(int value) {
    return with(GeneratorOption.THREADS_PER_RANK, value);
  }
}
