package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Params of where a fit can be watched and is tracked.
 *
 * @param <T> the stage, as its setters return it
 */
public interface TrackingParams<T> extends OptionParams<T> {
  default Param<String> tensorboardPath() {
    return option(TrainerOption.TENSORBOARD_PATH);
  }

  default String getTensorboardPath() {
    return value(TrainerOption.TENSORBOARD_PATH);
  }

  default T setTensorboardPath(String value) {
    return with(TrainerOption.TENSORBOARD_PATH, value);
  }

  default Param<String> mlflowTrackingUri() {
    return option(TrainerOption.MLFLOW_TRACKING_URI);
  }

  default String getMlflowTrackingUri() {
    return value(TrainerOption.MLFLOW_TRACKING_URI);
  }

  default T setMlflowTrackingUri(String value) {
    return with(TrainerOption.MLFLOW_TRACKING_URI, value);
  }

  default Param<String> mlflowExperimentName() {
    return option(TrainerOption.MLFLOW_EXPERIMENT_NAME);
  }

  default String getMlflowExperimentName() {
    return value(TrainerOption.MLFLOW_EXPERIMENT_NAME);
  }

  default T setMlflowExperimentName(String value) {
    return with(TrainerOption.MLFLOW_EXPERIMENT_NAME, value);
  }

  default Param<String> mlflowRunName() {
    return option(TrainerOption.MLFLOW_RUN_NAME);
  }

  default String getMlflowRunName() {
    return value(TrainerOption.MLFLOW_RUN_NAME);
  }

  default T setMlflowRunName(String value) {
    return with(TrainerOption.MLFLOW_RUN_NAME, value);
  }

  default StringArrayParam mlflowTags() {
    return option(TrainerOption.MLFLOW_TAGS);
  }

  default String[] getMlflowTags() {
    return value(TrainerOption.MLFLOW_TAGS);
  }

  default T setMlflowTags(String[] value) {
    return with(TrainerOption.MLFLOW_TAGS, value);
  }

  default BooleanParam mlflowLogModel() {
    return option(TrainerOption.MLFLOW_LOG_MODEL);
  }

  default boolean getMlflowLogModel() {
    return value(TrainerOption.MLFLOW_LOG_MODEL);
  }

  default T setMlflowLogModel(boolean value) {
    return with(TrainerOption.MLFLOW_LOG_MODEL, value);
  }

  default BooleanParam livePage() {
    return option(TrainerOption.LIVE_PAGE);
  }

  default boolean getLivePage() {
    return value(TrainerOption.LIVE_PAGE);
  }

  default T setLivePage(boolean value) {
    return with(TrainerOption.LIVE_PAGE, value);
  }

  default Param<String> livePageHost() {
    return option(TrainerOption.LIVE_PAGE_HOST);
  }

  default String getLivePageHost() {
    return value(TrainerOption.LIVE_PAGE_HOST);
  }

  default T setLivePageHost(String value) {
    return with(TrainerOption.LIVE_PAGE_HOST, value);
  }

  default IntParam livePagePort() {
    return option(TrainerOption.LIVE_PAGE_PORT);
  }

  default int getLivePagePort() {
    return value(TrainerOption.LIVE_PAGE_PORT);
  }

  default T setLivePagePort(int value) {
    return with(TrainerOption.LIVE_PAGE_PORT, value);
  }
}
