package dev.penstock.engine.schedule.draw;

import java.util.List;

/**
 * A picture as boxes and labels in pixels from the top left corner; SVG and PNG are two ways to
 * render it.
 */
record Scene(int width, int height, List<Box> boxes, List<Label> labels) {
  /** A filled rectangle. */
  record Box(double x, double y, double width, double height, int rgb) {}

  /** One line of text; {@code x} is where the anchor is, {@code y} the baseline. */
  record Label(double x, double y, String text, Anchor anchor, int size, int rgb) {}

  /** Which end of a label its {@code x} is. */
  enum Anchor {
    START,
    MIDDLE,
    END
  }
}
