package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.StepConfig;
import java.util.Locale;

/** What a run must say that ends with its rows, which come once and are not counted before. */
final class StreamRules {
  private StreamRules() {}

  /**
   * @throws ConfigException if it passes over its rows again, or if something follows from the
   *     number of its steps, which nobody knows
   */
  static void check(TrainerParams<?> params, StepConfig steps) {
    Integer epochs = steps.numEpochs();
    if (epochs != null && epochs > 1) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "numEpochs is %d, but with dataMode stream the rows are passed over once: what was read is removed. Set numEpochs to 1, or dataMode to staged.",
              epochs));
    }
    if (steps.maxSteps() != null) {
      return;
    }
    if (!params.isDefined(params.lrWarmupSteps())) {
      throw unknown("lrWarmupSteps, a tenth of them,");
    }
    if (!params.getLrDecayStyle().equals("constant") && !params.isDefined(params.lrDecaySteps())) {
      throw unknown(
          "lrDecaySteps, which lrDecayStyle %s takes,".formatted(params.getLrDecayStyle()));
    }
    if (!params.getWdIncrStyle().equals("constant") && !params.isDefined(params.wdIncrSteps())) {
      throw unknown("wdIncrSteps, which wdIncrStyle %s takes,".formatted(params.getWdIncrStyle()));
    }
  }

  private static ConfigException unknown(String what) {
    return new ConfigException(
        "The steps of a stream are not known before it ends, so %s must be set (dataMode stream, numEpochs 1). Set it, or set maxSteps."
            .formatted(what));
  }
}
