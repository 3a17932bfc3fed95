package dev.penstock.engine.comm;

import java.io.Serializable;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ports that a rank may listen at.
 *
 * @param first the lowest; 0: any that is free
 * @param last the highest
 */
public record PortRange(int first, int last) implements Serializable {
  /** Any port that is free. */
  public static final PortRange ANY = new PortRange(0, 0);

  private static final int MAX_PORT = 65535;
  private static final Pattern TEXT = Pattern.compile("(\\d{1,5})(?:-(\\d{1,5}))?");

  public PortRange {
    if (first < 0 || last < first || last > MAX_PORT || (first == 0 && last > 0)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Ports must be within 1 to %d, the lower one first: %d-%d",
              MAX_PORT,
              first,
              last));
    }
  }

  /** Reads {@code 40000-40100}, or a single port. */
  public static PortRange parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("Not a range of ports such as 40000-40100.");
    }
    int first = Integer.parseInt(matcher.group(1));
    return new PortRange(
        first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
  }

  /** How many there are. */
  public int size() {
    return last - first + 1;
  }
}
