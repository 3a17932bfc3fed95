package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Draws a timeline of any length in a given width: a rank a line, and a letter for what the rank
 * does in the middle of each column's time, a dot where it waits.
 */
final class StripRenderer {
  private static final int MOST_RANKS = 16;
  private static final char IDLE = '.';

  private final Timeline timeline;
  private final int columns;

  private StripRenderer(Timeline timeline, int columns) {
    this.timeline = timeline;
    this.columns = columns;
  }

  static String render(Timeline timeline, int width) {
    int labels = label(timeline.ppSize() - 1).length() + " | ".length();
    StripRenderer renderer = new StripRenderer(timeline, Math.max(1, width - labels));
    int shown = Math.min(MOST_RANKS, timeline.ppSize());
    StringBuilder text = new StringBuilder();
    for (int rank = 0; rank < shown; rank++) {
      String label = label(rank);
      text.append(label).append(" ".repeat(labels - " | ".length() - label.length()));
      text.append(" | ").append(renderer.row(rank)).append('\n');
    }
    if (shown < timeline.ppSize()) {
      text.append(
          String.format(Locale.ROOT, "and %d ranks more\n", timeline.ppSize() - MOST_RANKS));
    }
    return text.toString();
  }

  private static String label(int rank) {
    return "Rank " + rank;
  }

  private String row(int rank) {
    char[] row = new char[columns];
    Arrays.fill(row, IDLE);
    double column = (timeline.end() - timeline.begin()) / columns;
    List<TimelineSpan> spans =
        timeline.spans().stream()
            .filter(span -> span.rank() == rank && span.action().type().isCompute())
            .toList();
    for (TimelineSpan span : spans) {
      int first = (int) Math.ceil((span.begin() - timeline.begin()) / column - 0.5);
      for (int i = Math.max(0, first);
          i < columns && timeline.begin() + (i + 0.5) * column < span.end();
          i++) {
        row[i] = letter(span.action().type());
      }
    }
    return new String(row);
  }

  private static char letter(ActionType type) {
    return type == ActionType.OVERLAP_F_B ? 'O' : type.name().charAt(0);
  }
}
