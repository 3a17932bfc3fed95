package dev.penstock.engine.schedule;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The time x rank table of a schedule as text, in the exact format of the reference. */
final class ScheduleGrid {
  /** Marks no step. */
  static final int NO_ERROR = -1;

  private ScheduleGrid() {}

  /**
   * One line a step, one column a rank; null is an idle slot.
   *
   * @param errorStep the step to mark, or {@link #NO_ERROR}
   */
  static String format(List<? extends List<? extends @Nullable Action>> ranks, int errorStep) {
    int numSteps = ranks.stream().mapToInt(List::size).max().orElse(0);
    int digits = Integer.toString(Math.max(0, numSteps - 1)).length();
    int labelWidth = "Step ".length() + digits;
    int[] widths =
        ranks.stream()
            .mapToInt(row -> row.stream().mapToInt(a -> cell(a).length()).max().orElse(0))
            .map(width -> Math.max(width, labelWidth))
            .toArray();
    StringBuilder grid = new StringBuilder(" ".repeat(labelWidth + 2));
    for (int rank = 0; rank < ranks.size(); rank++) {
      appendCell(grid, rank, "Rank " + rank, widths[rank]);
    }
    grid.append('\n');
    for (int step = 0; step < numSteps; step++) {
      String number = Integer.toString(step);
      grid.append("Step ").append("0".repeat(digits - number.length())).append(number).append(": ");
      for (int rank = 0; rank < ranks.size(); rank++) {
        List<? extends @Nullable Action> row = ranks.get(rank);
        appendCell(grid, rank, step < row.size() ? cell(row.get(step)) : "", widths[rank]);
      }
      grid.append(step == errorStep ? " <-- ERROR HERE\n" : "\n");
    }
    return grid.toString();
  }

  private static void appendCell(StringBuilder grid, int column, String text, int width) {
    grid.append(column == 0 ? "" : " ").append(text);
    grid.append(" ".repeat(Math.max(0, width - text.length())));
  }

  private static String cell(@Nullable Action action) {
    return action == null ? "" : action.toString();
  }
}
