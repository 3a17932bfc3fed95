package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.Timeline;
import java.util.List;

/**
 * Draws timelines: ranks as rows, time to the right, microbatch numbers in the boxes, bubble and
 * peak activations in the caption. Several timelines, such as a plan and a measurement, are drawn
 * below each other on one scale if they are in the same units.
 */
public final class ScheduleDrawing {
  private ScheduleDrawing() {}

  /** Plain text, one line a rank. */
  public static String text(List<Timeline> timelines) {
    return TextRenderer.render(timelines);
  }

  /** Plain text of so many columns: a letter for what a rank does in each column's time. */
  public static String strip(Timeline timeline, int width) {
    return StripRenderer.render(timeline, width);
  }

  /** An SVG document. */
  public static String svg(List<Timeline> timelines) {
    return SvgRenderer.render(TimelineScene.of(timelines));
  }

  /** The bytes of a PNG file. */
  public static byte[] png(List<Timeline> timelines) {
    return PngRenderer.render(TimelineScene.of(timelines));
  }
}
