package dev.penstock.spark.params;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/**
 * Params that say how, and when, rows become training sequences.
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

  default Param<String> dataMode() {
    return option(TrainerOption.DATA_MODE);
  }

  default String getDataMode() {
    return value(TrainerOption.DATA_MODE);
  }

  default T setDataMode(String value) {
    return with(TrainerOption.DATA_MODE, value);
  }

  default IntParam streamAhead() {
    return option(TrainerOption.STREAM_AHEAD);
  }

  default int getStreamAhead() {
    return value(TrainerOption.STREAM_AHEAD);
  }

  default T setStreamAhead(int value) {
    return with(TrainerOption.STREAM_AHEAD, value);
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
