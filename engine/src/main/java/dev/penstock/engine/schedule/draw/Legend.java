package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.draw.Scene.Anchor;
import dev.penstock.engine.schedule.draw.Scene.Box;
import dev.penstock.engine.schedule.draw.Scene.Label;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the colours and shades mean, in one line below the timelines. */
record Legend(List<Box> boxes, List<Label> labels, double right) {
  static final int HEIGHT = 12;

  private static final double SWATCH = 12;
  private static final double GAP = 18;

  static Legend of(List<Timeline> timelines, double left, double y) {
    Set<ActionType> types = EnumSet.noneOf(ActionType.class);
    int stagesPerRank = 0;
    for (Timeline timeline : timelines) {
      timeline.spans().stream()
          .filter(TimelineScene::isDrawn)
          .forEach(span -> types.add(span.action().type()));
      stagesPerRank = Math.max(stagesPerRank, RankStages.of(timeline).most());
    }
    List<Box> boxes = new ArrayList<>();
    List<Label> labels = new ArrayList<>();
    double x = left;
    for (ActionType type : types) {
      boxes.add(new Box(x, y, SWATCH, SWATCH, Palette.of(type, 0, 1)));
      x = addText(labels, x + SWATCH + 5, y, Captions.legend(type));
    }
    if (stagesPerRank > 1) {
      x = addText(labels, x, y, "lighter: later among the rank's " + stagesPerRank + " stages");
    }
    return new Legend(boxes, labels, x - GAP);
  }

  private static double addText(List<Label> labels, double x, double y, String text) {
    labels.add(new Label(x, y + 10, text, Anchor.START, TimelineScene.FONT, Palette.INK));
    return x + text.length() * TimelineScene.DIGIT + GAP;
  }
}
