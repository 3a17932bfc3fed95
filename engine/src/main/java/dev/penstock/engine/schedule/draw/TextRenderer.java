package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.ArrayList;
import java.util.List;

/**
 * Draws a timeline as text, a rank a line. Time runs in slots as long as the shortest action; an
 * action is written where it begins and drawn out with dashes to where it ends, idle slots are
 * dots.
 */
final class TextRenderer {
  private static final int MAX_SLOTS = 100_000;

  private final Timeline timeline;
  private final List<TimelineSpan> spans;
  private final double slot;
  private final int slotWidth;

  private TextRenderer(Timeline timeline) {
    this.timeline = timeline;
    this.spans =
        timeline.spans().stream()
            .filter(span -> span.action().type().isCompute() && span.end() > span.begin())
            .toList();
    double shortest = spans.stream().mapToDouble(span -> span.end() - span.begin()).min().orElse(1);
    this.slot = Math.max(shortest, (timeline.end() - timeline.begin()) / MAX_SLOTS);
    this.slotWidth = spans.stream().mapToInt(this::widthPerSlot).max().orElse(1);
  }

  static String render(Timeline timeline) {
    TextRenderer renderer = new TextRenderer(timeline);
    StringBuilder text = new StringBuilder(timeline.title()).append('\n');
    text.append(Captions.of(timeline)).append('\n');
    int labelWidth = ("Rank " + (timeline.ppSize() - 1)).length();
    for (int rank = 0; rank < timeline.ppSize(); rank++) {
      String label = "Rank " + rank;
      text.append(label).append(" ".repeat(labelWidth - label.length())).append(" | ");
      text.append(renderer.row(rank)).append('\n');
    }
    return text.toString();
  }

  private String row(int rank) {
    StringBuilder row = new StringBuilder();
    for (TimelineSpan span : spans) {
      if (span.rank() == rank) {
        int begin = column(span.begin());
        while (row.length() < begin) {
          row.append(row.length() % slotWidth == 0 ? '.' : ' ');
        }
        String label = ActionLabels.whole(span.action());
        int width = Math.max(label.length(), column(span.end()) - begin - 1);
        row.append(label).append("-".repeat(width - label.length())).append(' ');
      }
    }
    return row.toString().stripTrailing();
  }

  private int column(double time) {
    return (int) Math.round((time - timeline.begin()) / slot) * slotWidth;
  }

  private int widthPerSlot(TimelineSpan span) {
    long slots = Math.max(1, Math.round((span.end() - span.begin()) / slot));
    int needed = ActionLabels.whole(span.action()).length() + 1;
    return (int) ((needed + slots - 1) / slots);
  }

  /** Rows of several timelines below each other. */
  static String render(List<Timeline> timelines) {
    List<String> drawings = new ArrayList<>();
    timelines.forEach(timeline -> drawings.add(render(timeline)));
    return String.join("\n", drawings);
  }
}
