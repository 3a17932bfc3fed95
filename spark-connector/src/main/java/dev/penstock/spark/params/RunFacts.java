package dev.penstock.spark.params;

import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.plan.StepSchedule;
import org.jspecify.annotations.Nullable;

/**
 * What the driver has read of what the Params name.
 *
 * @param modelConfigJson text of config.json; empty: it is not read yet
 * @param adapters those that the training starts from; null: there are none, or they are not read
 *     yet
 * @param ppScheduleCsv text of the schedule; null: there is none, or it is not read yet
 * @param numSequences training sequences of one epoch, or {@link StepSchedule#UNKNOWN_ROWS} before
 *     they are ingested; {@link StepSchedule#UNTIL_THEY_END} if they come as a stream
 */
public record RunFacts(
    String modelConfigJson,
    @Nullable LoraConfig adapters,
    @Nullable String ppScheduleCsv,
    long numSequences) {
  /** Before the data are ingested. */
  public RunFacts(
      String modelConfigJson, @Nullable LoraConfig adapters, @Nullable String ppScheduleCsv) {
    this(modelConfigJson, adapters, ppScheduleCsv, StepSchedule.UNKNOWN_ROWS);
  }

  /** The same with the data ingested. */
  public RunFacts withSequences(long sequences) {
    return new RunFacts(modelConfigJson, adapters, ppScheduleCsv, sequences);
  }

  /** Whether it is known what the training starts from. */
  boolean modelIsRead() {
    return !modelConfigJson.isEmpty();
  }
}
