package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params of the rows that are not trained on, and of what follows from their loss.
 *
 * @param <T> the stage, as its setters return it
 */
public interface ValidationParams<T> extends OptionParams<T> {

  default Param<String> validationIndicatorCol() {
    return option(TrainerOption.VALIDATION_INDICATOR_COL);
  }

  default String getValidationIndicatorCol() {
    return value(TrainerOption.VALIDATION_INDICATOR_COL);
  }

  default T setValidationIndicatorCol(String value) {
    return with(TrainerOption.VALIDATION_INDICATOR_COL, value);
  }

  default IntParam validationInterval() {
    return option(TrainerOption.VALIDATION_INTERVAL);
  }

  default int getValidationInterval() {
    return value(TrainerOption.VALIDATION_INTERVAL);
  }

  default T setValidationInterval(int value) {
    return with(TrainerOption.VALIDATION_INTERVAL, value);
  }

  default IntParam earlyStoppingPatience() {
    return option(TrainerOption.EARLY_STOPPING_PATIENCE);
  }

  default int getEarlyStoppingPatience() {
    return value(TrainerOption.EARLY_STOPPING_PATIENCE);
  }

  default T setEarlyStoppingPatience(int value) {
    return with(TrainerOption.EARLY_STOPPING_PATIENCE, value);
  }

  default BooleanParam restoreBestModel() {
    return option(TrainerOption.RESTORE_BEST_MODEL);
  }

  default boolean getRestoreBestModel() {
    return value(TrainerOption.RESTORE_BEST_MODEL);
  }

  default T setRestoreBestModel(boolean value) {
    return with(TrainerOption.RESTORE_BEST_MODEL, value);
  }
}
