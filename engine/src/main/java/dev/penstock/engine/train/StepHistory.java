package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.StepTable;
import java.util.ArrayList;
import java.util.List;

/** The reports of a run's steps as numbers, and back. What each rank's memory was is left out. */
final class StepHistory {
  private static final int COLUMNS = 7;

  private StepHistory() {}

  static StepTable toTable(List<StepReport> reports) {
    double[] values = new double[reports.size() * COLUMNS];
    int at = 0;
    for (StepReport report : reports) {
      values[at++] = report.step();
      values[at++] = report.loss();
      values[at++] = report.gradNorm();
      values[at++] = report.learningRate();
      values[at++] = report.countedTokens();
      values[at++] = report.tokens();
      values[at++] = report.seconds();
    }
    return new StepTable(COLUMNS, values);
  }

  static List<StepReport> of(StepTable table) {
    List<StepReport> reports = new ArrayList<>();
    double[] values = table.values();
    for (int at = 0; at < values.length; at += COLUMNS) {
      reports.add(
          new StepReport(
              (long) values[at],
              values[at + 1],
              values[at + 2],
              values[at + 3],
              (long) values[at + 4],
              (long) values[at + 5],
              values[at + 6]));
    }
    return reports;
  }
}
