package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import java.io.Serializable;
import java.util.List;

/**
 * The latest steps of a run.
 *
 * @param steps oldest first
 */
public record RecentSteps(List<StepReport> steps) implements Serializable {
  /** What Spark's UI shows of the accumulator. */
  @Override
  public String toString() {
    if (steps.isEmpty()) {
      return "no step yet";
    }
    StepReport last = steps.get(steps.size() - 1);
    return "step %d, loss %.4f".formatted(last.step(), last.loss());
  }
}
