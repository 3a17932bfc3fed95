package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.Locale;

/** One line about a step. */
final class StepLine {
  private static final double LEAST_WAIT_SECONDS = 0.5;

  private StepLine() {}

  /**
   * @param maxSteps 0: nobody knows
   * @param pace of the steps since the line before
   */
  static String of(StepReport step, long maxSteps, Pace pace) {
    return String.format(
        Locale.ROOT,
        "step %s  loss %.4f  grad norm %.3f  lr %.2e  %,.0f tokens/s%s%s%s",
        place(step.step(), maxSteps),
        step.loss(),
        step.gradNorm(),
        step.learningRate(),
        pace.tokens / pace.seconds,
        memory(step),
        waited(pace.dataSeconds),
        maxSteps == 0
            ? ""
            : "  ETA "
                + duration(Math.round((maxSteps - step.step()) * pace.seconds / pace.steps)));
  }

  /**
   * How some steps went.
   *
   * @param dataSeconds of {@code seconds}, those that ranks waited for data
   */
  record Pace(long steps, double seconds, long tokens, double dataSeconds) {
    static final Pace NONE = new Pace(0, 0, 0, 0);

    Pace plus(StepReport step) {
      return new Pace(
          steps + 1,
          seconds + step.seconds(),
          tokens + step.tokens(),
          dataSeconds + step.dataSeconds());
    }
  }

  private static String place(long step, long maxSteps) {
    return maxSteps == 0 ? Long.toString(step) : step + "/" + maxSteps;
  }

  /** Only what a user would want to mend. */
  private static String waited(double seconds) {
    return seconds < LEAST_WAIT_SECONDS
        ? ""
        : String.format(Locale.ROOT, "  waited %.1f s for data", seconds);
  }

  /** That of the rank with the largest process. */
  private static String memory(StepReport step) {
    long peak = step.peakBytes();
    return peak == 0 ? "" : String.format(Locale.ROOT, "  %.2f GB", peak / 1e9);
  }

  static String of(ValidationReport validation, long maxSteps) {
    return String.format(
        Locale.ROOT,
        "step %s  validation loss %.4f  perplexity %.2f",
        place(validation.step(), maxSteps),
        validation.loss(),
        Math.exp(validation.loss()));
  }

  private static String duration(long seconds) {
    if (seconds >= 3600) {
      return String.format(Locale.ROOT, "%dh %02dm", seconds / 3600, seconds % 3600 / 60);
    }
    return seconds >= 60
        ? String.format(Locale.ROOT, "%dm %02ds", seconds / 60, seconds % 60)
        : seconds + "s";
  }
}
