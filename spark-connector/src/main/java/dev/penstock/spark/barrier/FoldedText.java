package dev.penstock.spark.barrier;

/** Text of others in one line of bounded length. */
final class FoldedText {
  private static final String CUT = " ... ";

  private FoldedText() {}

  /** Joins the lines; of a longer text the middle is left out. */
  static String of(String text, int length) {
    String line = text.strip().replaceAll("\\s+", " ");
    if (line.length() <= length) {
      return line;
    }
    int tail = length / 3;
    return line.substring(0, length - tail - CUT.length())
        + CUT
        + line.substring(line.length() - tail);
  }
}
