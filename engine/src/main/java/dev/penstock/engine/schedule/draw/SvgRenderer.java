package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.draw.Scene.Anchor;
import dev.penstock.engine.schedule.draw.Scene.Box;
import dev.penstock.engine.schedule.draw.Scene.Label;
import java.util.Locale;

/** Writes a scene as an SVG document that refers to nothing outside itself. */
final class SvgRenderer {
  private SvgRenderer() {}

  static String render(Scene scene) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" \
        viewBox="0 0 %1$d %2$d" font-family="Helvetica, Arial, sans-serif">
        <rect width="%1$d" height="%2$d" fill="#%3$06x"/>
        """,
            scene.width(),
            scene.height(),
            Palette.PAPER));
    for (Box box : scene.boxes()) {
      svg.append("<rect x=\"").append(pixels(box.x()));
      svg.append("\" y=\"").append(pixels(box.y()));
      svg.append("\" width=\"").append(pixels(box.width()));
      svg.append("\" height=\"").append(pixels(box.height()));
      svg.append("\" fill=\"").append(Palette.hex(box.rgb())).append("\"/>\n");
    }
    for (Label label : scene.labels()) {
      svg.append("<text x=\"").append(pixels(label.x()));
      svg.append("\" y=\"").append(pixels(label.y()));
      svg.append("\" font-size=\"").append(label.size());
      svg.append("\" text-anchor=\"").append(anchor(label.anchor()));
      svg.append("\" fill=\"").append(Palette.hex(label.rgb())).append("\">");
      svg.append(escape(label.text())).append("</text>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static String anchor(Anchor anchor) {
    return anchor.name().toLowerCase(Locale.ROOT);
  }

  private static String pixels(double value) {
    return Captions.number(Math.round(value * 100) / 100.0);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
