package dev.penstock.engine.schedule;

import java.util.List;
import java.util.regex.Pattern;

/**
 * The action names of torch up to 2.5, where {@code B} is the gradient of the input, and {@code BW}
 * that of input and weight: since then they are {@code I} and {@code B}.
 *
 * <p>A text is of the older form if it says {@code BW}, or {@code W} without any {@code I}: the new
 * form has an I before every W.
 */
final class OlderActions {
  private static final Pattern FULL = Pattern.compile("([0-9]+)BW([0-9]+)");
  private static final Pattern INPUT = Pattern.compile("([0-9]+)B([0-9]+)");
  private static final Pattern WEIGHT = Pattern.compile("[0-9]+W[0-9]+");
  private static final Pattern NEWER = Pattern.compile("\\(.*|[0-9]+I[0-9]+");

  private OlderActions() {}

  /** Whether all these cells together are of the older form. */
  static boolean isOlder(List<List<String>> cells) {
    if (any(cells, NEWER)) {
      return false;
    }
    return any(cells, FULL) || any(cells, WEIGHT);
  }

  private static boolean any(List<List<String>> cells, Pattern pattern) {
    return cells.stream().flatMap(List::stream).anyMatch(cell -> pattern.matcher(cell).matches());
  }

  /** A cell of the older form in today's. */
  static String renamed(String cell) {
    if (FULL.matcher(cell).matches()) {
      return FULL.matcher(cell).replaceAll("$1B$2");
    }
    return INPUT.matcher(cell).matches() ? INPUT.matcher(cell).replaceAll("$1I$2") : cell;
  }
}
