package dev.penstock.engine.config;

import java.io.Serializable;
import java.util.List;

/**
 * The learning rate over the steps of a run.
 *
 * @param style {@code constant}, {@code linear}, {@code cosine}, {@code inverse-square-root} or
 *     {@code wsd} (warm-up, stable, decay): what follows the warm-up
 * @param warmupSteps steps of linear growth from {@code initLearningRate} to the peak
 * @param decaySteps step at which the decay ends and the floor is reached
 * @param initLearningRate learning rate of the first step of a warm-up
 * @param minLearningRate the floor
 * @param wsdDecaySteps length of the final decay of {@code wsd}
 * @param wsdDecayStyle shape of the final decay of {@code wsd}: {@code linear}, {@code cosine},
 *     {@code exponential} or {@code minus_sqrt}
 */
public record LrScheduleConfig(
    String style,
    int warmupSteps,
    int decaySteps,
    double initLearningRate,
    double minLearningRate,
    int wsdDecaySteps,
    String wsdDecayStyle)
    implements Serializable {
  /** The accepted styles. */
  public static final List<String> STYLES =
      List.of("constant", "linear", "cosine", "inverse-square-root", "wsd");

  /** The accepted shapes of the final decay of {@code wsd}. */
  public static final List<String> WSD_DECAY_STYLES =
      List.of("linear", "cosine", "exponential", "minus_sqrt");

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
        initLearningRate >= 0,
        "initLearningRate must not be negative, but is %s.",
        initLearningRate);
    ConfigException.check(
        minLearningRate >= 0, "minLearningRate must not be negative, but is %s.", minLearningRate);
    ConfigException.check(
        !style.equals("wsd") || (wsdDecaySteps >= 1 && wsdDecaySteps <= decaySteps),
        "wsdDecaySteps must be between 1 and lrDecaySteps (%d), but is %d.",
        decaySteps,
        wsdDecaySteps);
    ConfigException.check(
        WSD_DECAY_STYLES.contains(wsdDecayStyle),
        "Unknown wsdDecayStyle '%s'. Use one of %s.",
        wsdDecayStyle,
        WSD_DECAY_STYLES);
  }

  /**
   * Checks that the schedule climbs to the peak and falls from it.
   *
   * @throws ConfigException if it starts or ends above
   */
  void checkPeak(double learningRate) {
    ConfigException.check(
        warmupSteps == 0 || initLearningRate <= learningRate,
        "initLearningRate (%s) must not be above learningRate (%s), to which the warm-up climbs. "
            + "Lower it, or raise learningRate.",
        initLearningRate,
        learningRate);
    ConfigException.check(
        style.equals("constant") || minLearningRate <= learningRate,
        "minLearningRate (%s) must not be above learningRate (%s), from which the rate decays. "
            + "Lower it, or raise learningRate.",
        minLearningRate,
        learningRate);
  }

  /** As the record, where the final decay of {@code wsd} is linear. */
  public LrScheduleConfig(
      String style,
      int warmupSteps,
      int decaySteps,
      double initLearningRate,
      double minLearningRate,
      int wsdDecaySteps) {
    this(
        style, warmupSteps, decaySteps, initLearningRate, minLearningRate, wsdDecaySteps, "linear");
  }

  /** The peak learning rate from the first step to the last. */
  public static LrScheduleConfig constant() {
    return new LrScheduleConfig("constant", 0, 0, 0, 0, 0);
  }
}
