package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.Locale;

/** One line about a step. */
final class StepLine {
  private StepLine() {}

  /**
   * @param tokensPerSecond over the steps since the line before
   * @param secondsLeft until the last step, at that pace
   */
  static String of(StepReport step, long maxSteps, double tokensPerSecond, double secondsLeft) {
    return String.format(
        Locale.ROOT,
        "step %d/%d  loss %.4f  grad norm %.3f  lr %.2e  %,.0f tokens/s%s  ETA %s",
        step.step(),
        maxSteps,
        step.loss(),
        step.gradNorm(),
        step.learningRate(),
        tokensPerSecond,
        memory(step),
        duration(Math.round(secondsLeft)));
  }

  /** That of the rank with the largest process. */
  private static String memory(StepReport step) {
    long peak = step.peakBytes();
    return peak == 0 ? "" : String.format(Locale.ROOT, "  %.2f GB", peak / 1e9);
  }

  static String of(ValidationReport validation, long maxSteps) {
    return String.format(
        Locale.ROOT,
        "step %d/%d  validation loss %.4f  perplexity %.2f",
        validation.step(),
        maxSteps,
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
