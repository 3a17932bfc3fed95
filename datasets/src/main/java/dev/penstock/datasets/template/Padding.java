package dev.penstock.datasets.template;

/** What fills a string up to a width. */
final class Padding {
  private Padding() {}

  /**
   * Fills up.
   *
   * @param method {@code center}, {@code ljust} or {@code rjust}
   */
  static String pad(String text, Arguments arguments, String method, Budget budget) {
    Arguments.Bound bound = arguments.bind(method, 1, "width", "fillchar");
    int width = bound.number(0, 0);
    int missing = Math.max(0, width - CodePoints.length(text));
    budget.spend(missing);
    String fill = bound.text(1, " ");
    int left =
        switch (method) {
          case "ljust" -> 0;
          case "rjust" -> missing;
          default -> missing / 2 + (missing & width & 1);
        };
    return fill.repeat(left) + text + fill.repeat(missing - left);
  }

  static String zeros(String text, Arguments arguments, Budget budget) {
    int missing =
        Math.max(0, arguments.bind("zfill", 1, "width").number(0, 0) - CodePoints.length(text));
    budget.spend(missing);
    boolean signed = text.startsWith("+") || text.startsWith("-");
    return text.substring(0, signed ? 1 : 0) + "0".repeat(missing) + text.substring(signed ? 1 : 0);
  }
}
