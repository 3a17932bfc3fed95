package dev.penstock.spark.explain;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.plan.Finding;
import java.util.Locale;

/**
 * Something that the user of a run should know before it starts.
 *
 * @param kind for programs, such as {@code bubble}
 * @param text what, and the remedy
 */
public record Warning(String kind, String text) {
  private static final String DATA_MODE = "data_mode";

  public Warning {
    requireNonNull(kind, "kind is null");
    requireNonNull(text, "text is null");
  }

  /** What a forecast shows. */
  public static Warning of(Finding finding) {
    return new Warning(finding.harm().name().toLowerCase(Locale.ROOT), finding.text());
  }

  /** What follows from how rows come. */
  static Warning ofDataMode(String text) {
    return new Warning(DATA_MODE, text);
  }
}
