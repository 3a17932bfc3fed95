package dev.penstock.spark.params;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params that say how rows become training sequences.
 *
 * @param <T> the stage, as its setters return it
 */
public interface PackingParams<T> extends OptionParams<T> {
  default Param<String> packing() {
    return option(TrainerOption.PACKING);
  }

  default String getPacking() {
    return value(TrainerOption.PACKING);
  }

  default T setPacking(String value) {
    return with(TrainerOption.PACKING, value);
  }

  default Param<String> truncation() {
    return option(TrainerOption.TRUNCATION);
  }

  default String getTruncation() {
    return value(TrainerOption.TRUNCATION);
  }

  default T setTruncation(String value) {
    return with(TrainerOption.TRUNCATION, value);
  }

  default IntParam padToMultipleOf() {
    return option(TrainerOption.PAD_TO_MULTIPLE_OF);
  }

  default int getPadToMultipleOf() {
    return value(TrainerOption.PAD_TO_MULTIPLE_OF);
  }

  default T setPadToMultipleOf(int value) {
    return with(TrainerOption.PAD_TO_MULTIPLE_OF, value);
  }
}
