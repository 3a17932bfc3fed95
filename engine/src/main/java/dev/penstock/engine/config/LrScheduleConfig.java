package dev.penstock.engine.config;

import java.io.Serializable;
import java.util.List;

/**
 * The learning rate over the steps of a run.
 *
 * @param style {@code constant}, {@code linear}, {@code cosine}, {@code inverse-square-root} or
 *     {@code wsd}: what follows the warm-up
 * @param warmupSteps steps of linear growth from {@code initLearningRate} to the peak
 * @param decaySteps step at which the decay ends and the floor is reached
 * @param initLearningRate learning rate of the first step of a warm-up
 * @param minLearningRate the floor
 * @param wsdDecaySteps length of the final decay of {@code wsd}
 */
public record LrScheduleConfig(
    String style,
    int warmupSteps,
    int decaySteps,
    double initLearningRate,
    double minLearningRate,
    int wsdDecaySteps)
    implements Serializable {
  /** The accepted styles. */
  public static final List<String> STYLES =
      List.of("constant", "linear", "cosine", "inverse-square-root", "wsd");

  public LrScheduleConfig {
    ConfigException.check(
        STYLES.contains(style), "Unknown lrDecayStyle '%s'. Use one of %s.", style, STYLES);
    ConfigException.check(
        warmupSteps >= 0, "lrWarmupSteps must not be negative, but is %d.", warmupSteps);
    ConfigException.check(
        decaySteps > warmupSteps || style.equals("constant"),
        "lrDecaySteps (%d) must be greater than lrWarmupSteps (%d). Lower the warm-up or train "
            + "for more steps.",
        decaySteps,
        warmupSteps);
    ConfigException.check(
        minLearningRate >= 0, "minLearningRate must not be negative, but is %s.", minLearningRate);
  }

  /** The peak learning rate from the first step to the last. */
  public static LrScheduleConfig constant() {
    return new LrScheduleConfig("constant", 0, 0, 0, 0, 0);
  }
}
