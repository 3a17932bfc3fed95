package dev.penstock.engine.config;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * When a run ends, and what it does on the way: the reference's {@code step_scheduler} block.
 *
 * @param maxSteps optimizer steps at most; null: as many as the epochs take
 * @param numEpochs passes over the data at most; null: as many as the steps take
 * @param checkpointEverySteps steps from one checkpoint to the next; the last step makes one too.
 *     null: none is made by the number of steps
 * @param checkpointEveryEpoch whether the end of an epoch makes a checkpoint too
 */
public record StepConfig(
    @Nullable Integer maxSteps,
    @Nullable Integer numEpochs,
    @Nullable Integer checkpointEverySteps,
    boolean checkpointEveryEpoch)
    implements Serializable {
  /** The reference's default. */
  public static final int DEFAULT_CHECKPOINT_EVERY_STEPS = 100;

  public StepConfig {
    ConfigException.check(
        maxSteps != null || numEpochs != null, "A run needs an end: set maxSteps or numEpochs.");
    checkPositive("maxSteps", maxSteps);
    checkPositive("numEpochs", numEpochs);
    checkPositive("checkpointEverySteps", checkpointEverySteps);
  }

  private static void checkPositive(String name, @Nullable Integer value) {
    ConfigException.check(
        value == null || value >= 1, "%s must be at least 1, but is %d.", name, value);
  }

  /** A run of this many steps, over as many epochs as they take. */
  public static StepConfig ofMaxSteps(int maxSteps) {
    return new StepConfig(maxSteps, null, DEFAULT_CHECKPOINT_EVERY_STEPS, true);
  }

  /** A run of this many passes over the data. */
  public static StepConfig ofEpochs(int numEpochs) {
    return new StepConfig(null, numEpochs, DEFAULT_CHECKPOINT_EVERY_STEPS, true);
  }
}
