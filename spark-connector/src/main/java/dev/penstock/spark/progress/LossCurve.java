package dev.penstock.spark.progress;

import java.util.Arrays;
import java.util.Locale;

/** A loss curve as a small chart of characters. */
public final class LossCurve {
  private static final int COLUMNS = 64;
  private static final int ROWS = 12;

  private LossCurve() {}

  /** Draws the losses of the steps; each column is the mean of its share of them. */
  public static String draw(double[] losses) {
    if (losses.length == 0) {
      return "no steps\n";
    }
    double[] columns = means(losses, Math.min(COLUMNS, losses.length));
    double high = Arrays.stream(columns).max().orElseThrow();
    double low = Arrays.stream(columns).min().orElseThrow();
    StringBuilder chart = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      double level = high - row * (high - low) / (ROWS - 1);
      chart.append(String.format(Locale.ROOT, "%8.3f |", level));
      for (double mean : columns) {
        chart.append(rowOf(mean, low, high) == row ? '*' : ' ');
      }
      trimEnd(chart).append('\n');
    }
    chart.append(" ".repeat(9)).append('+').append("-".repeat(columns.length)).append('\n');
    String last = Integer.toString(losses.length);
    int gap = Math.max(1, columns.length - 1 - last.length());
    return chart
        .append(" ".repeat(10))
        .append('1')
        .append(" ".repeat(gap))
        .append(last)
        .append(" steps\n")
        .toString();
  }

  private static int rowOf(double value, double low, double high) {
    return high == low ? 0 : (int) Math.round((high - value) / (high - low) * (ROWS - 1));
  }

  private static double[] means(double[] losses, int count) {
    double[] means = new double[count];
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) i * losses.length / count);
      int to = (int) ((long) (i + 1) * losses.length / count);
      means[i] = Arrays.stream(losses, from, to).average().orElseThrow();
    }
    return means;
  }

  private static StringBuilder trimEnd(StringBuilder text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == ' ') {
      end--;
    }
    text.setLength(end);
    return text;
  }
}
