package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.List;

/**
 * Turns steps into lines: one for the first step, every {@code interval} steps and the last, and
 * one for each validation.
 *
 * <p>Safe for use by several threads: the listener's, and at the end the caller's.
 */
public final class StepProgress {
  private final long maxSteps;
  private final int interval;
  private final ProgressLines lines;
  private long lastStep;
  private long lastValidation;
  private double secondsSinceLine;
  private long tokensSinceLine;
  private long stepsSinceLine;

  public StepProgress(long maxSteps, int interval, ProgressLines lines) {
    this.maxSteps = maxSteps;
    this.interval = interval;
    this.lines = lines;
  }

  /** Hands out a line. */
  public synchronized void tell(String line) {
    lines.accept(line);
  }

  /** Takes the latest steps and validations, oldest first; those seen before are skipped. */
  public synchronized void accept(List<StepReport> steps, List<ValidationReport> validations) {
    for (StepReport step : steps) {
      if (step.step() > lastStep) {
        accept(validations, step.step() - 1);
        lastStep = step.step();
        accept(step);
      }
    }
    accept(validations, lastStep);
  }

  /** The latest step so far. */
  public synchronized long lastStep() {
    return lastStep;
  }

  /** Takes steps up to this one for known: the run goes on after it. */
  public synchronized void skipTo(long step) {
    lastStep = Math.max(lastStep, step);
    lastValidation = Math.max(lastValidation, step);
  }

  private void accept(List<ValidationReport> validations, long untilStep) {
    for (ValidationReport validation : validations) {
      if (validation.step() > lastValidation && validation.step() <= untilStep) {
        lastValidation = validation.step();
        tell(StepLine.of(validation, maxSteps));
      }
    }
  }

  private void accept(StepReport step) {
    secondsSinceLine += step.seconds();
    tokensSinceLine += step.tokens();
    stepsSinceLine++;
    if (step.step() == 1 || step.step() % interval == 0 || step.step() == maxSteps) {
      double secondsLeft = (maxSteps - step.step()) * secondsSinceLine / stepsSinceLine;
      tell(StepLine.of(step, maxSteps, tokensSinceLine / secondsSinceLine, secondsLeft));
      secondsSinceLine = 0;
      tokensSinceLine = 0;
      stepsSinceLine = 0;
    }
  }
}
