package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of checkpoints, and of what happens when something dies.
 *
 * @param <T> the stage, as its setters return it
 */
public interface CheckpointParams<T> extends OptionParams<T> {

  default Param<String> checkpointPath() {
    return option(TrainerOption.CHECKPOINT_PATH);
  }

  default String getCheckpointPath() {
    return value(TrainerOption.CHECKPOINT_PATH);
  }

  default T setCheckpointPath(String value) {
    return with(TrainerOption.CHECKPOINT_PATH, value);
  }

  default IntParam checkpointInterval() {
    return option(TrainerOption.CHECKPOINT_INTERVAL);
  }

  default int getCheckpointInterval() {
    return value(TrainerOption.CHECKPOINT_INTERVAL);
  }

  default T setCheckpointInterval(int value) {
    return with(TrainerOption.CHECKPOINT_INTERVAL, value);
  }

  default IntParam checkpointSeconds() {
    return option(TrainerOption.CHECKPOINT_SECONDS);
  }

  default int getCheckpointSeconds() {
    return value(TrainerOption.CHECKPOINT_SECONDS);
  }

  default T setCheckpointSeconds(int value) {
    return with(TrainerOption.CHECKPOINT_SECONDS, value);
  }

  default IntParam checkpointsToKeep() {
    return option(TrainerOption.CHECKPOINTS_TO_KEEP);
  }

  default int getCheckpointsToKeep() {
    return value(TrainerOption.CHECKPOINTS_TO_KEEP);
  }

  default T setCheckpointsToKeep(int value) {
    return with(TrainerOption.CHECKPOINTS_TO_KEEP, value);
  }

  default BooleanParam keepBestCheckpoint() {
    return option(TrainerOption.KEEP_BEST_CHECKPOINT);
  }

  default boolean getKeepBestCheckpoint() {
    return value(TrainerOption.KEEP_BEST_CHECKPOINT);
  }

  default T setKeepBestCheckpoint(boolean value) {
    return with(TrainerOption.KEEP_BEST_CHECKPOINT, value);
  }

  default Param<String> resume() {
    return option(TrainerOption.RESUME);
  }

  default String getResume() {
    return value(TrainerOption.RESUME);
  }

  default T setResume(String value) {
    return with(TrainerOption.RESUME, value);
  }

  default IntParam maxAttempts() {
    return option(TrainerOption.MAX_ATTEMPTS);
  }

  default int getMaxAttempts() {
    return value(TrainerOption.MAX_ATTEMPTS);
  }

  default T setMaxAttempts(int value) {
    return with(TrainerOption.MAX_ATTEMPTS, value);
  }

  default IntParam minDpSize() {
    return option(TrainerOption.MIN_DP_SIZE);
  }

  default int getMinDpSize() {
    return value(TrainerOption.MIN_DP_SIZE);
  }

  default T setMinDpSize(int value) {
    return with(TrainerOption.MIN_DP_SIZE, value);
  }
}
