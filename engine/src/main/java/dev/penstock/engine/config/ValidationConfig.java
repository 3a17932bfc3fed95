package dev.penstock.engine.config;

import java.io.Serializable;

/**
 * When a run is validated on rows that it does not train on, and what follows from it.
 *
 * @param everySteps optimizer steps from one validation to the next; 0: at the end only
 * @param patience the run ends when so many validations in a row found no better loss; 0: never
 * @param restoreBest whether the weights that are saved are those of the best validation
 */
public record ValidationConfig(int everySteps, int patience, boolean restoreBest)
    implements Serializable {
  public ValidationConfig {
    ConfigException.check(
        everySteps >= 0, "validationInterval must not be negative, but is %d.", everySteps);
    ConfigException.check(
        patience >= 0, "earlyStoppingPatience must not be negative, but is %d.", patience);
    ConfigException.check(
        patience == 0 || everySteps > 0,
        "earlyStoppingPatience %d needs validations on the way: set validationInterval.",
        patience);
  }

  /**
   * Whether a validation follows a step.
   *
   * @param stepsDone steps so far, with this one
   * @param saved whether the weights after it are kept: those are validated in any case
   */
  public boolean isDue(long stepsDone, boolean saved) {
    return saved || (everySteps > 0 && stepsDone % everySteps == 0);
  }
}
