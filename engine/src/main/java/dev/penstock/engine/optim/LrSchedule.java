package dev.penstock.engine.optim;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.config.LrScheduleConfig;

/**
 * The learning rate of each optimizer step: the curves of the reference's {@code
 * OptimizerParamScheduler}. Immutable.
 */
public final class LrSchedule {
  private final LrScheduleConfig config;
  private final double peak;

  /**
   * @param peak learning rate at the end of the warm-up
   */
  public LrSchedule(LrScheduleConfig config, double peak) {
    this.config = requireNonNull(config, "config is null");
    this.peak = peak;
  }

  /**
   * The learning rate of one step.
   *
   * @param step number of steps completed before it: 0 for the first
   */
  public double at(long step) {
    int warmup = config.warmupSteps();
    if (warmup > 0 && step <= warmup) {
      return config.initLearningRate() + (peak - config.initLearningRate()) * step / warmup;
    }
    if (config.style().equals("constant")) {
      return peak;
    }
    double floor = config.minLearningRate();
    if (step > config.decaySteps()) {
      return floor;
    }
    if (config.style().equals("inverse-square-root")) {
      return Math.max(
          floor, peak * Math.sqrt(Math.max(warmup, 1)) / Math.sqrt((double) Math.max(step, 1)));
    }
    return floor + share(step) * (peak - floor);
  }

  /** How much of the way from the floor to the peak is left: 1 to 0. */
  private double share(long step) {
    if (config.style().equals("wsd")) {
      int decayStart = config.decaySteps() - config.wsdDecaySteps();
      return step <= decayStart
          ? 1
          : fall(config.wsdDecayStyle(), (double) (step - decayStart) / config.wsdDecaySteps());
    }
    int warmup = config.warmupSteps();
    return fall(config.style(), (double) (step - warmup) / (config.decaySteps() - warmup));
  }

  private static double fall(String style, double progress) {
    return switch (style) {
      case "linear" -> 1 - progress;
      case "cosine" -> 0.5 * (Math.cos(Math.PI * progress) + 1);
      case "exponential" -> 2 * Math.pow(0.5, progress) - 1;
      case "minus_sqrt" -> 1 - Math.sqrt(progress);
      default -> throw new IllegalStateException("unknown style " + style);
    };
  }
}
