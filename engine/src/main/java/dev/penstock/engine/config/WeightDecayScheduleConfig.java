package dev.penstock.engine.config;

import java.io.Serializable;
import java.util.List;

/**
 * The weight decay over the steps of a run.
 *
 * @param style {@code constant}, {@code linear} or {@code cosine}: how it grows
 * @param start weight decay of the first step
 * @param end weight decay from step {@code steps} on, and of every step if constant
 * @param steps steps of growth
 */
public record WeightDecayScheduleConfig(String style, double start, double end, int steps)
    implements Serializable {
  /** The accepted styles. */
  public static final List<String> STYLES = List.of("constant", "linear", "cosine");

  public WeightDecayScheduleConfig {
    ConfigException.check(
        STYLES.contains(style), "Unknown wdIncrStyle '%s'. Use one of %s.", style, STYLES);
    ConfigException.check(
        start >= 0 && end >= start,
        "The weight decay must not be negative or shrink, but goes from %s to %s.",
        start,
        end);
    ConfigException.check(
        steps >= 1 || style.equals("constant"),
        "wdIncrSteps must be at least 1, but is %d.",
        steps);
    ConfigException.check(
        start == end || !style.equals("constant"),
        "A constant weight decay cannot go from %s to %s. Use wdIncrStyle linear or cosine.",
        start,
        end);
  }

  /** The same weight decay at every step. */
  public static WeightDecayScheduleConfig constant(double weightDecay) {
    return new WeightDecayScheduleConfig("constant", weightDecay, weightDecay, 0);
  }
}
