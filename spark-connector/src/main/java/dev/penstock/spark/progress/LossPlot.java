package dev.penstock.spark.progress;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/** The loss of each step and of the validations as a picture. */
public final class LossPlot {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 400;
  private static final int LEFT = 56;
  private static final int RIGHT = WIDTH - 20;
  private static final int TOP = 36;
  private static final int BOTTOM = HEIGHT - 36;
  private static final int FONT_SIZE = 12;
  private static final int MAX_TICKS = 8;
  private static final int TRAINING = 0x2563EB;
  private static final int VALIDATION = 0xD9660B;
  private static final int INK = 0x4B5563;
  private static final int GRID = 0xE3E6EB;

  private record Point(double step, double loss) {}

  private record Curve(String name, int rgb, List<Point> points) {}

  private final List<Curve> curves;
  private final double lastStep;
  private final double low;
  private final double high;
  private final double tick;

  /** Draws what is finite. */
  public LossPlot(List<StepReport> steps, List<ValidationReport> validations) {
    List<Point> training = new ArrayList<>();
    steps.stream()
        .filter(step -> !step.isEmpty())
        .forEach(step -> add(training, step.step(), step.loss()));
    List<Point> validated = new ArrayList<>();
    validations.forEach(found -> add(validated, found.step(), found.loss()));
    curves = new ArrayList<>(List.of(new Curve("training loss", TRAINING, training)));
    if (!validated.isEmpty()) {
      curves.add(new Curve("validation loss", VALIDATION, validated));
    }
    List<Point> all = curves.stream().flatMap(curve -> curve.points().stream()).toList();
    lastStep = Math.max(2, all.stream().mapToDouble(Point::step).max().orElse(2));
    double least = all.stream().mapToDouble(Point::loss).min().orElse(0);
    double most = all.stream().mapToDouble(Point::loss).max().orElse(1);
    tick = tick(Math.max(most - least, 1e-6));
    low = Math.floor(least / tick) * tick;
    high = Math.max(low + tick, Math.ceil(most / tick) * tick);
  }

  private static void add(List<Point> points, long step, double loss) {
    if (Double.isFinite(loss)) {
      points.add(new Point(step, loss));
    }
  }

  /** A round distance of which at most so many fit into a range. */
  private static double tick(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / MAX_TICKS)));
    for (double factor : new double[] {1, 2, 5}) {
      if (range / (factor * power) <= MAX_TICKS) {
        return factor * power;
      }
    }
    return 10 * power;
  }

  private double x(double step) {
    return LEFT + (step - 1) / (lastStep - 1) * (RIGHT - LEFT);
  }

  private double y(double loss) {
    return BOTTOM - (loss - low) / (high - low) * (BOTTOM - TOP);
  }

  private List<Double> levels() {
    List<Double> levels = new ArrayList<>();
    for (int i = 0; low + i * tick <= high + tick / 2; i++) {
      levels.add(low + i * tick);
    }
    return levels;
  }

  private List<Double> steps() {
    List<Double> steps = new ArrayList<>(List.of(1.0));
    double distance = Math.max(1, tick(lastStep));
    for (double step = distance; step <= lastStep; step += distance) {
      if (step > 1) {
        steps.add(step);
      }
    }
    return steps;
  }

  private static String number(double value) {
    double rounded = Math.rint(value * 1e6) / 1e6;
    return rounded == Math.rint(rounded)
        ? String.format(Locale.ROOT, "%,.0f", rounded)
        : Double.toString(rounded);
  }

  /** As an SVG document that refers to nothing outside itself. */
  public String svg() {
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"%d\">",
        WIDTH,
        HEIGHT,
        WIDTH,
        FONT_SIZE);
    add(svg, "<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", WIDTH, HEIGHT);
    for (double level : levels()) {
      add(
          svg,
          "<path d=\"M%d %.1fH%d\" stroke=\"#%06x\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\" fill=\"#%06x\">%s</text>",
          LEFT,
          y(level),
          RIGHT,
          GRID,
          LEFT - 8,
          y(level) + 4,
          INK,
          number(level));
    }
    for (double step : steps()) {
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#%06x\">%s</text>",
          x(step),
          BOTTOM + 20,
          INK,
          number(step));
    }
    int at = LEFT;
    for (Curve curve : curves) {
      StringBuilder path = new StringBuilder();
      for (Point point : curve.points()) {
        add(path, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x(point.step()), y(point.loss()));
      }
      add(
          svg,
          "<path d=\"%s\" fill=\"none\" stroke=\"#%06x\" stroke-width=\"2\" stroke-linejoin=\"round\"/>",
          path.toString().replace("\n", ""),
          curve.rgb());
      add(
          svg,
          "<rect x=\"%d\" y=\"12\" width=\"12\" height=\"12\" fill=\"#%06x\"/>",
          at,
          curve.rgb());
      add(svg, "<text x=\"%d\" y=\"22\" fill=\"#%06x\">%s</text>", at + 18, INK, curve.name());
      at += 150;
    }
    return svg.append("</svg>\n").toString();
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  /** As the bytes of a PNG file; needs no display. */
  public byte[] png() {
    BufferedImage image = new BufferedImage(2 * WIDTH, 2 * HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    try {
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.scale(2, 2);
      paint(graphics);
    } finally {
      graphics.dispose();
    }
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // into memory
    }
    return png.toByteArray();
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, WIDTH, HEIGHT);
    graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, FONT_SIZE));
    for (double level : levels()) {
      graphics.setColor(new Color(GRID));
      graphics.drawLine(LEFT, (int) y(level), RIGHT, (int) y(level));
      label(graphics, number(level), LEFT - 8, y(level) + 4, 1);
    }
    for (double step : steps()) {
      label(graphics, number(step), x(step), BOTTOM + 20, 0.5);
    }
    int at = LEFT;
    for (Curve curve : curves) {
      Path2D path = new Path2D.Double();
      for (Point point : curve.points()) {
        if (path.getCurrentPoint() == null) {
          path.moveTo(x(point.step()), y(point.loss()));
        } else {
          path.lineTo(x(point.step()), y(point.loss()));
        }
      }
      graphics.setColor(new Color(curve.rgb()));
      graphics.setStroke(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      graphics.draw(path);
      graphics.fillRect(at, 12, 12, 12);
      label(graphics, curve.name(), at + 18, 22, 0);
      at += 150;
    }
  }

  /** Writes a text of which a share is left of x. */
  private static void label(Graphics2D graphics, String text, double x, double y, double share) {
    graphics.setColor(new Color(INK));
    int width = graphics.getFontMetrics().stringWidth(text);
    graphics.drawString(text, (float) (x - share * width), (float) y);
  }
}
