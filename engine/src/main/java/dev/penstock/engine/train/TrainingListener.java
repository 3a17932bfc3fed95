package dev.penstock.engine.train;

/**
 * Hears about a run as it goes, on the thread of the rank: return soon. Called on one rank only,
 * the one with the last stage of the first replica, which alone knows the loss.
 */
public interface TrainingListener {
  /** Called after every optimizer step. */
  void onStep(StepReport report);

  /** Called after every validation. */
  default void onValidation(ValidationReport report) {}
}
