package dev.penstock.engine.optim;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.WeightDecayScheduleConfig;

/** The weight decay of each optimizer step, as the reference's scheduler has it. Immutable. */
public final class WeightDecaySchedule {
  private final WeightDecayScheduleConfig config;

  public WeightDecaySchedule(WeightDecayScheduleConfig config) {
    this.config = requireNonNull(config, "config is null");
  }

  /**
   * The weight decay of one step.
   *
   * @param step number of steps completed before it: 0 for the first
   */
  public double at(long step) {
    if (config.style().equals("constant") || step > config.steps()) {
      return config.end();
    }
    double progress = (double) step / config.steps();
    double share =
        config.style().equals("linear") ? progress : 0.5 * (Math.cos(Math.PI * (1 - progress)) + 1);
    return config.start() + share * (config.end() - config.start());
  }
}
