package dev.penstock.spark.params;

import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * Params of low-rank adapters.
 *
 * @param <T> the stage, as its setters return it
 */
public interface LoraParams<T> extends OptionParams<T> {
  default StringArrayParam loraTargetModules() {
    return option(TrainerOption.LORA_TARGET_MODULES);
  }

  default String[] getLoraTargetModules() {
    return value(TrainerOption.LORA_TARGET_MODULES);
  }

  default T setLoraTargetModules(String[] value) {
    return with(TrainerOption.LORA_TARGET_MODULES, value);
  }

  default StringArrayParam loraExcludeModules() {
    return option(TrainerOption.LORA_EXCLUDE_MODULES);
  }

  default String[] getLoraExcludeModules() {
    return value(TrainerOption.LORA_EXCLUDE_MODULES);
  }

  default T setLoraExcludeModules(String[] value) {
    return with(TrainerOption.LORA_EXCLUDE_MODULES, value);
  }

  default IntParam loraRank() {
    return option(TrainerOption.LORA_RANK);
  }

  default int getLoraRank() {
    return value(TrainerOption.LORA_RANK);
  }

  default T setLoraRank(int value) {
    return with(TrainerOption.LORA_RANK, value);
  }

  default DoubleParam loraAlpha() {
    return option(TrainerOption.LORA_ALPHA);
  }

  default double getLoraAlpha() {
    return value(TrainerOption.LORA_ALPHA);
  }

  default T setLoraAlpha(double value) {
    return with(TrainerOption.LORA_ALPHA, value);
  }

  default DoubleParam loraDropout() {
    return option(TrainerOption.LORA_DROPOUT);
  }

  default double getLoraDropout() {
    return value(TrainerOption.LORA_DROPOUT);
  }

  default T setLoraDropout(double value) {
    return with(TrainerOption.LORA_DROPOUT, value);
  }

  default BooleanParam loraMerge() {
    return option(TrainerOption.LORA_MERGE);
  }

  default boolean getLoraMerge() {
    return value(TrainerOption.LORA_MERGE);
  }

  default T setLoraMerge(boolean value) {
    return with(TrainerOption.LORA_MERGE, value);
  }
}
