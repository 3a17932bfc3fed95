package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.draw.Scene.Box;
import dev.penstock.engine.schedule.draw.Scene.Label;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;

/** Paints a scene into a PNG; needs no display. */
final class PngRenderer {
  private PngRenderer() {}

  static byte[] render(Scene scene) {
    BufferedImage image =
        new BufferedImage(scene.width(), scene.height(), BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      paint(scene, graphics);
    } finally {
      graphics.dispose();
    }
    return PngEncoder.encode(image);
  }

  private static void paint(Scene scene, Graphics2D graphics) {
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    graphics.setColor(new Color(Palette.PAPER));
    graphics.fillRect(0, 0, scene.width(), scene.height());
    for (Box box : scene.boxes()) {
      graphics.setColor(new Color(box.rgb()));
      graphics.fill(new Rectangle2D.Double(box.x(), box.y(), box.width(), box.height()));
    }
    for (Label label : scene.labels()) {
      graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, label.size()));
      graphics.setColor(new Color(label.rgb()));
      FontMetrics metrics = graphics.getFontMetrics();
      double width = metrics.getStringBounds(label.text(), graphics).getWidth();
      double x =
          switch (label.anchor()) {
            case START -> label.x();
            case MIDDLE -> label.x() - width / 2;
            case END -> label.x() - width;
          };
      graphics.drawString(label.text(), (float) x, (float) label.y());
    }
  }
}
