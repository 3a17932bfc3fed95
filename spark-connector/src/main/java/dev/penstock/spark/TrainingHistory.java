package dev.penstock.spark;

import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the ranks reported.
 *
 * @param steps every step
 * @param validations every validation
 * @param savedStep optimizer steps that the saved weights have taken
 * @param timelinePath folder of the timeline's files; null: there are none
 */
record TrainingHistory(
    List<StepReport> steps,
    List<ValidationReport> validations,
    long savedStep,
    @Nullable String timelinePath)
    implements Serializable {
  TrainingHistory {
    steps = List.copyOf(steps);
    validations = List.copyOf(validations);
  }

  /**
   * @param restoredBest whether the weights of the best validation were saved, not the last
   */
  static TrainingHistory of(
      List<RankResult> ranks, boolean restoredBest, @Nullable String timelinePath) {
    RankResult any = ranks.get(0); // every rank has all validations
    List<StepReport> steps = ranks.stream().flatMap(rank -> rank.steps().stream()).toList();
    return new TrainingHistory(
        steps, any.validations(), restoredBest ? any.bestStep() : steps.size(), timelinePath);
  }

  /** The validation of the lowest loss, the first of several; null: there was none. */
  @Nullable ValidationReport best() {
    ValidationReport best = null;
    for (ValidationReport validation : validations) {
      if (best == null || validation.loss() < best.loss()) {
        best = validation;
      }
    }
    return best;
  }

  /** Loss of the saved weights: the validation's, or else that of the last training step. */
  double savedLoss() {
    return validations.stream()
        .filter(validation -> validation.step() == savedStep)
        .mapToDouble(ValidationReport::loss)
        .findFirst()
        .orElseGet(() -> steps.get(steps.size() - 1).loss());
  }
}
