package dev.penstock.engine.train;

import dev.penstock.engine.plan.StepSchedule;

/**
 * Where the rows of a run come from. Only the ranks with the first stage have one.
 *
 * <p>What a step reads is a pure function of the data, the seed and the step, so a run can go on
 * from any step on any layout. Used by the rank's thread only; an implementation may read ahead on
 * threads of its own. The trainer closes it.
 */
public interface MicrobatchSource extends AutoCloseable {
  /**
   * The rows {@code firstRow} to {@code firstRow + numRows - 1} of the global batch of {@code
   * step}.
   *
   * @param step optimizer step from 0; steps beyond an epoch read the next epoch's order
   * @return fewer rows, perhaps none, where the rows end before
   */
  TokenBatch read(long step, int firstRow, int numRows);

  /**
   * Rows of one epoch; {@link StepSchedule#UNKNOWN_ROWS} if the source cannot tell, {@link
   * StepSchedule#UNTIL_THEY_END} if it tells by {@link #endsWith}.
   */
  default long numRows() {
    return StepSchedule.UNKNOWN_ROWS;
  }

  /**
   * Whether there are no rows behind those of a step, of a source that has {@link
   * StepSchedule#UNTIL_THEY_END}. May wait for data, as {@link #read} does.
   */
  default boolean endsWith(long step) {
    return false;
  }

  /**
   * Whether rows have other lengths from batch to batch, none longer than the run's seqLength;
   * those of one batch are equally long.
   */
  default boolean variesInLength() {
    return false;
  }

  /** Whether batches have loss weights. */
  default boolean weighted() {
    return false;
  }

  @Override
  void close();
}
