package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import dev.penstock.engine.schedule.draw.Scene.Anchor;
import dev.penstock.engine.schedule.draw.Scene.Box;
import dev.penstock.engine.schedule.draw.Scene.Label;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays out timelines below each other, ranks as rows. Timelines in the same units share one scale,
 * so that a plan can be compared with what was measured. A timeline too long for its numbers to be
 * read goes on in further bands, like text in lines.
 */
final class TimelineScene {
  static final int MARGIN = 16;
  static final int FONT = 11;
  static final double DIGIT = 6.4;

  private static final int TITLE_FONT = 15;
  private static final int ROW = 26;
  private static final int ROW_GAP = 4;
  private static final double BASELINE = ROW / 2.0 + FONT * 0.36;
  private static final double ROOMY = 9;
  private static final int MIN_WIDTH = 640;
  private static final int BAND_WIDTH = 1450;

  /** A longer timeline is drawn closer, in the end without numbers. */
  private static final int MAX_BANDS = 8;

  private static final double TICK_SPACING = 80;

  private final List<Box> boxes = new ArrayList<>();
  private final List<Label> labels = new ArrayList<>();
  private final double left;
  private double right;
  private double y = MARGIN;

  private TimelineScene(List<Timeline> timelines) {
    int ranks = timelines.stream().mapToInt(Timeline::ppSize).max().orElse(1);
    this.left = MARGIN + ("Rank " + (ranks - 1)).length() * DIGIT + 10;
    this.right = left;
  }

  static Scene of(List<Timeline> timelines) {
    TimelineScene scene = new TimelineScene(timelines);
    for (Timeline timeline : timelines) {
      scene.addPanel(timeline, Scale.of(timeline, timelines));
    }
    Legend legend = Legend.of(timelines, scene.left, scene.y);
    scene.boxes.addAll(legend.boxes());
    scene.labels.addAll(legend.labels());
    return new Scene(
        (int) Math.ceil(Math.max(scene.right, legend.right()) + MARGIN),
        (int) Math.ceil(scene.y + Legend.HEIGHT + MARGIN),
        List.copyOf(scene.boxes),
        List.copyOf(scene.labels));
  }

  static boolean isDrawn(TimelineSpan span) {
    return span.action().type().isCompute();
  }

  private static double labelWidth(Action action) {
    return ActionLabels.microbatch(action).length() * DIGIT;
  }

  /** Pixels of a unit of time, and how much time a band shows. */
  private record Scale(double pixels, double band) {
    static Scale of(Timeline timeline, List<Timeline> all) {
      double wanted = 0;
      double longest = 0;
      for (Timeline other : all) {
        if (other.units() == timeline.units()) {
          double duration = other.end() - other.begin();
          longest = Math.max(longest, duration);
          wanted = Math.max(wanted, duration * pixelsForLabels(other));
        }
      }
      if (longest == 0) {
        return new Scale(0, 0);
      }
      double width = Math.max(MIN_WIDTH, Math.min(wanted, MAX_BANDS * (double) BAND_WIDTH));
      double pixels = width / longest;
      double tick = tick(pixels);
      double band = longest / Math.ceil(width / BAND_WIDTH);
      return new Scale(pixels, Math.ceil(band / tick) * tick);
    }

    private static double tick(double pixels) {
      return Captions.tickStep(TICK_SPACING / pixels);
    }

    /** At which three labels of four fit their boxes well. */
    private static double pixelsForLabels(Timeline timeline) {
      double[] scales =
          timeline.spans().stream()
              .filter(span -> isDrawn(span) && span.end() > span.begin())
              .mapToDouble(
                  span -> (labelWidth(span.action()) + ROOMY) / (span.end() - span.begin()))
              .sorted()
              .toArray();
      return scales.length == 0 ? 0 : scales[scales.length * 3 / 4];
    }
  }

  private void addPanel(Timeline timeline, Scale scale) {
    y += TITLE_FONT;
    addText(MARGIN, timeline.title(), TITLE_FONT, Palette.INK);
    y += FONT + 7;
    addText(MARGIN, Captions.of(timeline), FONT + 1, Palette.FAINT);
    y += 10;
    RankStages stages = RankStages.of(timeline);
    double begin = timeline.begin();
    do {
      addBand(timeline, scale, stages, begin);
      begin += scale.band();
    } while (scale.band() > 0 && begin < timeline.end() - scale.band() * 1e-9);
    y += 6;
  }

  private void addText(double x, String text, int size, int rgb) {
    labels.add(new Label(x, y, text, Anchor.START, size, rgb));
    right = Math.max(right, x + text.length() * DIGIT * size / FONT);
  }

  private void addBand(Timeline timeline, Scale scale, RankStages stages, double begin) {
    double end = Math.min(timeline.end(), begin + scale.band());
    double top = y;
    for (int rank = 0; rank < timeline.ppSize(); rank++) {
      String label = "Rank " + rank;
      labels.add(new Label(left - 8, y + BASELINE, label, Anchor.END, FONT, Palette.INK));
      boxes.add(new Box(left, y, (end - begin) * scale.pixels(), ROW, Palette.TRACK));
      y += ROW + ROW_GAP;
    }
    right = Math.max(right, left + (end - begin) * scale.pixels());
    for (TimelineSpan span : timeline.spans()) {
      if (isDrawn(span) && span.end() > begin && span.begin() < end) {
        double x = left + (Math.max(span.begin(), begin) - begin) * scale.pixels();
        double width = (Math.min(span.end(), end) - Math.max(span.begin(), begin)) * scale.pixels();
        addSpan(span.action(), x, top + span.rank() * (ROW + ROW_GAP), width, stages.rgb(span));
      }
    }
    addAxis(timeline, scale, begin, end);
  }

  private void addSpan(Action action, double x, double rowTop, double width, int rgb) {
    double gap = width > 4 ? 1 : 0;
    boxes.add(new Box(x, rowTop, width - gap, ROW, rgb));
    if (labelWidth(action) <= width) {
      String text = ActionLabels.microbatch(action);
      double middle = x + (width - gap) / 2;
      labels.add(
          new Label(middle, rowTop + BASELINE, text, Anchor.MIDDLE, FONT, Palette.inkOn(rgb)));
    }
  }

  private void addAxis(Timeline timeline, Scale scale, double begin, double end) {
    y += FONT;
    double step = scale.pixels() == 0 ? 1 : Scale.tick(scale.pixels());
    long first = (long) Math.ceil((begin - timeline.begin()) / step - 1e-9);
    for (long tick = first; scale.pixels() > 0 && tick * step <= end - timeline.begin(); tick++) {
      double x = left + (timeline.begin() + tick * step - begin) * scale.pixels();
      String text = Captions.number(tick * step) + timeline.units().suffix();
      boxes.add(new Box(x, y - FONT - 2, 1, 3, Palette.FAINT));
      Anchor anchor = tick == first ? Anchor.START : Anchor.MIDDLE;
      labels.add(new Label(x, y + 2, text, anchor, FONT - 1, Palette.FAINT));
    }
    y += FONT + 6;
  }
}
