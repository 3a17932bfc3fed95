package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Turns events into lines: one for the first step, every {@code interval} steps and the last, and
 * one for each validation.
 */
public final class ProgressLines implements FitListener {
  private final long maxSteps;
  private final int interval;
  private final Consumer<String> lines;
  private final long pauseNanos;
  private final LongSupplier nanos;
  private long lastNanos;
  private StepLine.Pace sinceLine = StepLine.Pace.NONE;

  /**
   * @param maxSteps the last step; 0: nobody knows
   * @param audience takes the lines; one about a step between the first and the last is left out
   *     where it comes too soon after the one before
   */
  public ProgressLines(long maxSteps, int interval, FitAudience audience) {
    this(maxSteps, interval, audience, System::nanoTime);
  }

  ProgressLines(long maxSteps, int interval, FitAudience audience, LongSupplier nanos) {
    this.maxSteps = maxSteps;
    this.interval = interval;
    this.lines = audience.lines();
    this.pauseNanos = audience.pause().toNanos();
    this.nanos = nanos;
  }

  @Override
  public void on(FitEvent event) {
    if (event instanceof FitEvent.Stepped stepped) {
      on(stepped.report());
    } else if (event instanceof FitEvent.Validated validated) {
      lines.accept(StepLine.of(validated.report(), maxSteps));
    } else if (event instanceof FitEvent.Noted noted) {
      lines.accept(noted.line());
    }
  }

  private void on(StepReport step) {
    sinceLine = sinceLine.plus(step);
    boolean atTheEnds = step.step() == 1 || step.step() == maxSteps;
    long now = nanos.getAsLong();
    if (atTheEnds || (step.step() % interval == 0 && now - lastNanos >= pauseNanos)) {
      lastNanos = now;
      String line = StepLine.of(step, maxSteps, sinceLine);
      sinceLine = StepLine.Pace.NONE;
      lines.accept(line);
    }
  }
}
