package dev.penstock.engine.schedule;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The time x rank table of a schedule as text, in the exact format of the reference. */
final class ScheduleGrid {
  /** Marks no step. */
  static final int NO_ERROR = -1;

  private static final int MAX_CELLS = 80;
  private static final int AROUND = 3;
  private static final int MAX_TEXT = 60;

  private ScheduleGrid() {}

  /**
   * One line a step, one column a rank; null is an idle slot.
   *
   * @param errorStep the step to mark, or {@link #NO_ERROR}
   */
  static String format(List<? extends List<? extends @Nullable Action>> ranks, int errorStep) {
    return format(ranks, errorStep, 0, numSteps(ranks));
  }

  /** As much of the grid as is fit to read: all of a small one, else what is around the error. */
  static String excerpt(List<? extends List<? extends @Nullable Action>> ranks, int errorStep) {
    int numSteps = numSteps(ranks);
    if ((long) numSteps * ranks.size() <= MAX_CELLS) {
      return format(ranks, errorStep);
    }
    int from = Math.max(0, errorStep - AROUND);
    int to = Math.min(numSteps, Math.max(0, errorStep) + AROUND + 1);
    List<? extends List<? extends @Nullable Action>> shown =
        ranks.subList(0, Math.min(ranks.size(), MAX_CELLS / (to - from)));
    return String.format(
        Locale.ROOT,
        "(steps %d to %d of %d, ranks 0 to %d of %d)\n%s",
        from,
        to - 1,
        numSteps,
        shown.size() - 1,
        ranks.size(),
        format(shown, errorStep, from, to));
  }

  /** A text of the user's as it is put into a message. */
  static String shortened(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + "...";
  }

  private static int numSteps(List<? extends List<? extends @Nullable Action>> ranks) {
    return ranks.stream().mapToInt(List::size).max().orElse(0);
  }

  private static String format(
      List<? extends List<? extends @Nullable Action>> ranks, int errorStep, int from, int to) {
    int numSteps = numSteps(ranks);
    int digits = Integer.toString(Math.max(0, numSteps - 1)).length();
    int labelWidth = "Step ".length() + digits;
    int[] widths =
        ranks.stream()
            .mapToInt(row -> width(row, from, to))
            .map(width -> Math.max(width, labelWidth))
            .toArray();
    StringBuilder grid = new StringBuilder(" ".repeat(labelWidth + 2));
    for (int rank = 0; rank < ranks.size(); rank++) {
      appendCell(grid, rank, "Rank " + rank, widths[rank]);
    }
    grid.append('\n');
    for (int step = from; step < to; step++) {
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

  private static int width(List<? extends @Nullable Action> row, int from, int to) {
    return row.stream().skip(from).limit(to - from).mapToInt(a -> cell(a).length()).max().orElse(0);
  }

  private static void appendCell(StringBuilder grid, int column, String text, int width) {
    grid.append(column == 0 ? "" : " ").append(text);
    grid.append(" ".repeat(Math.max(0, width - text.length())));
  }

  private static String cell(@Nullable Action action) {
    return action == null ? "" : action.toString();
  }
}
