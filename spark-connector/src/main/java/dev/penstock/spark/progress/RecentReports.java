package dev.penstock.spark.progress;

import java.io.Serializable;
import java.util.List;

/**
 * The latest reports of a run.
 *
 * @param reports oldest first
 */
public record RecentReports<R extends Serializable>(List<R> reports) implements Serializable {
  /** What Spark's UI shows of the accumulator. */
  @Override
  public String toString() {
    return reports.isEmpty() ? "nothing yet" : reports.get(reports.size() - 1).toString();
  }
}
