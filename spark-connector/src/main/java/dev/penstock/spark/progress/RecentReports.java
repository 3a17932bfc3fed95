package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.io.Serializable;
import java.util.List;
import java.util.Locale;

/**
 * The latest reports of a run.
 *
 * @param reports oldest first
 */
public record RecentReports<R extends Serializable>(List<R> reports) implements Serializable {
  /** What Spark's UI shows of the accumulator. */
  @Override
  public String toString() {
    return reports.isEmpty() ? "nothing yet" : describe(reports.get(reports.size() - 1));
  }

  private static String describe(Object report) {
    if (report instanceof StepReport step) {
      return String.format(
          Locale.ROOT,
          "step %,d: loss %.4f, gradient norm %.3f, learning rate %.2e",
          step.step(),
          step.loss(),
          step.gradNorm(),
          step.learningRate());
    }
    return report instanceof ValidationReport validation
        ? String.format(Locale.ROOT, "step %,d: loss %.4f", validation.step(), validation.loss())
        : String.format(Locale.ROOT, "step %,d", (Long) report);
  }
}
