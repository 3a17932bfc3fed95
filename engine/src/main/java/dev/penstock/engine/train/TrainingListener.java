package dev.penstock.engine.train;

/**
 * Hears about a run as it goes, on the thread of the rank: return soon. Of steps and validations
 * only on the rank with the last stage of the first replica, which alone knows the loss; of
 * checkpoints only on the first rank, which commits them; of snapshots on each rank of the first
 * replica.
 */
public interface TrainingListener {
  /** Called after every optimizer step. */
  void onStep(StepReport report);

  /** Called after every validation. */
  default void onValidation(ValidationReport report) {}

  /**
   * Called when a checkpoint is complete, at the end of a step after that.
   *
   * @param step steps taken before it
   */
  default void onCheckpoint(long step) {}

  /** Called every few seconds after a step, on all these ranks after the same. */
  default void onSnapshot(RankSnapshot snapshot) {}
}
