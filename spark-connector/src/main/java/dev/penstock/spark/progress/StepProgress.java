package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns steps into lines: one for the first step, every {@code interval} steps and the last, and
 * one for each validation.
 *
 * <p>Safe for use by several threads: the listener's, and at the end the caller's.
 */
public final class StepProgress {
  private static final Logger log = LoggerFactory.getLogger(StepProgress.class);

  private final long maxSteps;
  private final int interval;
  private final Consumer<String> lines;
  private long lastStep;
  private long lastValidation;
  private double secondsSinceLine;
  private long tokensSinceLine;
  private long stepsSinceLine;
  private long consumerFailures;

  public StepProgress(long maxSteps, int interval, Consumer<String> lines) {
    this.maxSteps = maxSteps;
    this.interval = interval;
    this.lines = lines;
  }

  /**
   * Hands out a line. What the consumer throws is its own affair, not the run's: it is logged, the
   * first of it with a stack trace.
   */
  @SuppressWarnings("CatchingUnchecked") // whatever a user's code may throw
  public synchronized void tell(String line) {
    try {
      lines.accept(line);
    } catch (Exception | Error e) {
      if (consumerFailures++ == 0) {
        log.warn("The consumer of progress lines failed at '{}'; the fit goes on", line, e);
      } else {
        log.warn("The consumer of progress lines failed at '{}' too: {}", line, e.toString());
      }
    }
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
