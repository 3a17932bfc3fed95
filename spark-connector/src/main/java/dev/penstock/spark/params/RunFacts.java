package dev.penstock.spark.params;

import dev.penstock.engine.train.StepSchedule;
import org.jspecify.annotations.Nullable;

/**
 * What the driver has read of what the Params name.
 *
 * @param modelConfigJson text of config.json
 * @param ppScheduleCsv text of the schedule; null: there is none, or it is not read yet
 * @param numSequences training sequences of one epoch, or {@link StepSchedule#UNKNOWN_ROWS} before
 *     they are staged
 */
public record RunFacts(String modelConfigJson, @Nullable String ppScheduleCsv, long numSequences) {
  /** Before the data are staged. */
  public RunFacts(String modelConfigJson, @Nullable String ppScheduleCsv) {
    this(modelConfigJson, ppScheduleCsv, StepSchedule.UNKNOWN_ROWS);
  }

  /** The same with the data staged. */
  public RunFacts withSequences(long sequences) {
    return new RunFacts(modelConfigJson, ppScheduleCsv, sequences);
  }
}
