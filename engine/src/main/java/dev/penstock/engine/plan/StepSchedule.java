package dev.penstock.engine.plan;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.StepConfig;
import java.util.Locale;

/**
 * The steps of a run, known before it starts. Pure Java and immutable.
 *
 * <p>Rows are read as one endless stream of epochs, so where the global batch does not divide an
 * epoch, the step that ends it begins the next one, and the last step may read on: no row is left
 * out.
 */
public final class StepSchedule {
  /** The number of rows of a source that cannot tell: a run over it ends by {@code maxSteps}. */
  public static final long UNKNOWN_ROWS = -1;

  /**
   * The number of rows of a source that tells only by its end that it ends: a run passes over it
   * once, and ends with it or by {@code maxSteps}.
   */
  public static final long UNTIL_THEY_END = -2;

  /** The number of steps of a run that ends with its rows, whenever that is. */
  public static final long OPEN = Long.MAX_VALUE;

  /**
   * One optimizer step.
   *
   * @param number from 0
   * @param epoch the epoch that its first row is in, from 0
   * @param last whether the run ends with it
   * @param checkpoint whether it is followed by a checkpoint
   */
  public record Step(long number, long epoch, boolean last, boolean checkpoint) {}

  private final StepConfig config;
  private final int globalBatchSize;
  private final long numRows;
  private final long numSteps;

  private StepSchedule(StepConfig config, int globalBatchSize, long numRows, long numSteps) {
    this.config = requireNonNull(config, "config is null");
    this.globalBatchSize = globalBatchSize;
    this.numRows = numRows;
    this.numSteps = numSteps;
  }

  /**
   * Plans a run.
   *
   * @param globalBatchSize rows of one optimizer step
   * @param numRows rows of one epoch, {@link #UNKNOWN_ROWS} or {@link #UNTIL_THEY_END}
   * @throws ConfigException if the rows are unknown and no number of steps is set, or if they come
   *     once and several epochs are wanted
   */
  public static StepSchedule of(StepConfig config, int globalBatchSize, long numRows) {
    long steps = config.maxSteps() == null ? OPEN : config.maxSteps();
    if (numRows == UNTIL_THEY_END) {
      checkOnePass(config);
      return new StepSchedule(config, globalBatchSize, numRows, steps);
    }
    if (config.numEpochs() != null && numRows != UNKNOWN_ROWS) {
      long rows = Math.multiplyExact(numRows, config.numEpochs());
      steps = Math.min(steps, (rows + globalBatchSize - 1) / globalBatchSize);
    }
    if (steps == OPEN) {
      throw new ConfigException(
          "The data do not tell their number of rows, so numEpochs cannot end the run. Set maxSteps.");
    }
    return new StepSchedule(config, globalBatchSize, numRows, steps);
  }

  private static void checkOnePass(StepConfig config) {
    if (config.numEpochs() != null && config.numEpochs() > 1) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "numEpochs is %d, but streamed data are passed over once: what was read is removed. Set numEpochs to 1, or stage the data.",
              config.numEpochs()));
    }
  }

  /** Number of optimizer steps; {@link #OPEN} if the rows say when it ends. */
  public long numSteps() {
    return numSteps;
  }

  /** Rows of one epoch, or what stands for them. */
  public long numRows() {
    return numRows;
  }

  /** What a step is and does; {@code number} is 0 to {@link #numSteps()} - 1. */
  public Step at(long number) {
    long firstRow = number * globalBatchSize;
    long epoch = numRows < 0 ? 0 : firstRow / numRows;
    boolean endsEpoch = numRows >= 0 && firstRow + globalBatchSize >= (epoch + 1) * numRows;
    boolean last = number == numSteps - 1;
    Integer every = config.checkpointEverySteps();
    boolean checkpoint =
        (every != null && (last || (number + 1) % every == 0))
            || (endsEpoch && config.checkpointEveryEpoch());
    return new Step(number, epoch, last, checkpoint);
  }
}
