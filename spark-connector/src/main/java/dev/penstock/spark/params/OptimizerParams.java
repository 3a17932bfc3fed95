package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Params of the optimizer and of the learning rate over the steps.
 *
 * @param <T> the stage, as its setters return it
 */
public interface OptimizerParams<T> extends OptionParams<T> {
  default IntParam maxSteps() {
    return option(TrainerOption.MAX_STEPS);
  }

  default int getMaxSteps() {
    return value(TrainerOption.MAX_STEPS);
  }

  default T setMaxSteps(int value) {
    return with(TrainerOption.MAX_STEPS, value);
  }

  default DoubleParam learningRate() {
    return option(TrainerOption.LEARNING_RATE);
  }

  default double getLearningRate() {
    return value(TrainerOption.LEARNING_RATE);
  }

  default T setLearningRate(double value) {
    return with(TrainerOption.LEARNING_RATE, value);
  }

  default DoubleParam weightDecay() {
    return option(TrainerOption.WEIGHT_DECAY);
  }

  default double getWeightDecay() {
    return value(TrainerOption.WEIGHT_DECAY);
  }

  default T setWeightDecay(double value) {
    return with(TrainerOption.WEIGHT_DECAY, value);
  }

  default DoubleParam beta1() {
    return option(TrainerOption.BETA1);
  }

  default double getBeta1() {
    return value(TrainerOption.BETA1);
  }

  default T setBeta1(double value) {
    return with(TrainerOption.BETA1, value);
  }

  default DoubleParam beta2() {
    return option(TrainerOption.BETA2);
  }

  default double getBeta2() {
    return value(TrainerOption.BETA2);
  }

  default T setBeta2(double value) {
    return with(TrainerOption.BETA2, value);
  }

  default DoubleParam epsilon() {
    return option(TrainerOption.EPSILON);
  }

  default double getEpsilon() {
    return value(TrainerOption.EPSILON);
  }

  default T setEpsilon(double value) {
    return with(TrainerOption.EPSILON, value);
  }

  default DoubleParam maxGradNorm() {
    return option(TrainerOption.MAX_GRAD_NORM);
  }

  default double getMaxGradNorm() {
    return value(TrainerOption.MAX_GRAD_NORM);
  }

  default T setMaxGradNorm(double value) {
    return with(TrainerOption.MAX_GRAD_NORM, value);
  }

  default Param<String> lrDecayStyle() {
    return option(TrainerOption.LR_DECAY_STYLE);
  }

  default String getLrDecayStyle() {
    return value(TrainerOption.LR_DECAY_STYLE);
  }

  default T setLrDecayStyle(String value) {
    return with(TrainerOption.LR_DECAY_STYLE, value);
  }

  default IntParam lrWarmupSteps() {
    return option(TrainerOption.LR_WARMUP_STEPS);
  }

  default int getLrWarmupSteps() {
    return value(TrainerOption.LR_WARMUP_STEPS);
  }

  default T setLrWarmupSteps(int value) {
    return with(TrainerOption.LR_WARMUP_STEPS, value);
  }

  default IntParam lrDecaySteps() {
    return option(TrainerOption.LR_DECAY_STEPS);
  }

  default int getLrDecaySteps() {
    return value(TrainerOption.LR_DECAY_STEPS);
  }

  default T setLrDecaySteps(int value) {
    return with(TrainerOption.LR_DECAY_STEPS, value);
  }

  default IntParam lrWsdDecaySteps() {
    return option(TrainerOption.LR_WSD_DECAY_STEPS);
  }

  default int getLrWsdDecaySteps() {
    return value(TrainerOption.LR_WSD_DECAY_STEPS);
  }

  default T setLrWsdDecaySteps(int value) {
    return with(TrainerOption.LR_WSD_DECAY_STEPS, value);
  }

  default Param<String> lrWsdDecayStyle() {
    return option(TrainerOption.LR_WSD_DECAY_STYLE);
  }

  default String getLrWsdDecayStyle() {
    return value(TrainerOption.LR_WSD_DECAY_STYLE);
  }

  default T setLrWsdDecayStyle(String value) {
    return with(TrainerOption.LR_WSD_DECAY_STYLE, value);
  }

  default DoubleParam initLearningRate() {
    return option(TrainerOption.INIT_LEARNING_RATE);
  }

  default double getInitLearningRate() {
    return value(TrainerOption.INIT_LEARNING_RATE);
  }

  default T setInitLearningRate(double value) {
    return with(TrainerOption.INIT_LEARNING_RATE, value);
  }

  default DoubleParam minLearningRate() {
    return option(TrainerOption.MIN_LEARNING_RATE);
  }

  default double getMinLearningRate() {
    return value(TrainerOption.MIN_LEARNING_RATE);
  }

  default T setMinLearningRate(double value) {
    return with(TrainerOption.MIN_LEARNING_RATE, value);
  }

  default IntParam numEpochs() {
    return option(TrainerOption.NUM_EPOCHS);
  }

  default int getNumEpochs() {
    return value(TrainerOption.NUM_EPOCHS);
  }

  default T setNumEpochs(int value) {
    return with(TrainerOption.NUM_EPOCHS, value);
  }

  default Param<String> optimizer() {
    return option(TrainerOption.OPTIMIZER);
  }

  default String getOptimizer() {
    return value(TrainerOption.OPTIMIZER);
  }

  default T setOptimizer(String value) {
    return with(TrainerOption.OPTIMIZER, value);
  }

  default DoubleParam momentum() {
    return option(TrainerOption.MOMENTUM);
  }

  default double getMomentum() {
    return value(TrainerOption.MOMENTUM);
  }

  default T setMomentum(double value) {
    return with(TrainerOption.MOMENTUM, value);
  }

  default StringArrayParam noDecayPatterns() {
    return option(TrainerOption.NO_DECAY_PATTERNS);
  }

  default String[] getNoDecayPatterns() {
    return value(TrainerOption.NO_DECAY_PATTERNS);
  }

  default T setNoDecayPatterns(String[] value) {
    return with(TrainerOption.NO_DECAY_PATTERNS, value);
  }

  default DoubleParam startWeightDecay() {
    return option(TrainerOption.START_WEIGHT_DECAY);
  }

  default double getStartWeightDecay() {
    return value(TrainerOption.START_WEIGHT_DECAY);
  }

  default T setStartWeightDecay(double value) {
    return with(TrainerOption.START_WEIGHT_DECAY, value);
  }

  default DoubleParam endWeightDecay() {
    return option(TrainerOption.END_WEIGHT_DECAY);
  }

  default double getEndWeightDecay() {
    return value(TrainerOption.END_WEIGHT_DECAY);
  }

  default T setEndWeightDecay(double value) {
    return with(TrainerOption.END_WEIGHT_DECAY, value);
  }

  default IntParam wdIncrSteps() {
    return option(TrainerOption.WD_INCR_STEPS);
  }

  default int getWdIncrSteps() {
    return value(TrainerOption.WD_INCR_STEPS);
  }

  default T setWdIncrSteps(int value) {
    return with(TrainerOption.WD_INCR_STEPS, value);
  }

  default Param<String> wdIncrStyle() {
    return option(TrainerOption.WD_INCR_STYLE);
  }

  default String getWdIncrStyle() {
    return value(TrainerOption.WD_INCR_STYLE);
  }

  default T setWdIncrStyle(String value) {
    return with(TrainerOption.WD_INCR_STYLE, value);
  }

  default DoubleParam gradNormType() {
    return option(TrainerOption.GRAD_NORM_TYPE);
  }

  default double getGradNormType() {
    return value(TrainerOption.GRAD_NORM_TYPE);
  }

  default T setGradNormType(double value) {
    return with(TrainerOption.GRAD_NORM_TYPE, value);
  }

  default BooleanParam shardOptimizerState() {
    return option(TrainerOption.SHARD_OPTIMIZER_STATE);
  }

  default boolean getShardOptimizerState() {
    return value(TrainerOption.SHARD_OPTIMIZER_STATE);
  }

  default T setShardOptimizerState(boolean value) {
    return with(TrainerOption.SHARD_OPTIMIZER_STATE, value);
  }
}
