package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerConfig.Clipping;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.WeightDecayScheduleConfig;
import java.util.List;

/** The optimizer's Params, with the defaults that follow from the length of the run. */
final class OptimizerConfigs {
  private static final int MAX_DEFAULT_WARMUP_STEPS = 1000;

  private OptimizerConfigs() {}

  static OptimizerConfig optimizer(OptimizerParams<?> params, int numSteps) {
    return new OptimizerConfig(
        OptimizerKind.parse(params.getOptimizer()),
        params.getLearningRate(),
        params.getBeta1(),
        params.getBeta2(),
        params.getEpsilon(),
        params.getMomentum(),
        weightDecay(params, numSteps),
        params
            .<String[]>valueIfAny(TrainerOption.NO_DECAY_PATTERNS)
            .map(List::of)
            .orElse(List.of()),
        new Clipping(params.getMaxGradNorm(), params.getGradNormType()),
        params.getShardOptimizerState());
  }

  private static WeightDecayScheduleConfig weightDecay(OptimizerParams<?> params, int numSteps) {
    double constant = params.getWeightDecay();
    int defaultSteps = params.getWdIncrStyle().equals("constant") ? 0 : numSteps;
    return new WeightDecayScheduleConfig(
        params.getWdIncrStyle(),
        params.<Double>valueIfAny(TrainerOption.START_WEIGHT_DECAY).orElse(constant),
        params.<Double>valueIfAny(TrainerOption.END_WEIGHT_DECAY).orElse(constant),
        params.<Integer>valueIfAny(TrainerOption.WD_INCR_STEPS).orElse(defaultSteps));
  }

  static LrScheduleConfig lrSchedule(OptimizerParams<?> params, int numSteps) {
    double peak = params.getLearningRate();
    boolean wsd = params.getLrDecayStyle().equals("wsd");
    if (wsd != params.isDefined(params.lrWsdDecaySteps())) {
      throw new ConfigException(
          "lrWsdDecaySteps belongs to lrDecayStyle 'wsd', which needs it; lrDecayStyle is '%s'."
              .formatted(params.getLrDecayStyle()));
    }
    return new LrScheduleConfig(
        params.getLrDecayStyle(),
        params
            .<Integer>valueIfAny(TrainerOption.LR_WARMUP_STEPS)
            .orElse(Math.min(MAX_DEFAULT_WARMUP_STEPS, numSteps / 10)),
        params.<Integer>valueIfAny(TrainerOption.LR_DECAY_STEPS).orElse(numSteps),
        params.<Double>valueIfAny(TrainerOption.INIT_LEARNING_RATE).orElse(peak / 10),
        params.<Double>valueIfAny(TrainerOption.MIN_LEARNING_RATE).orElse(peak / 100),
        wsd ? params.getLrWsdDecaySteps() : 0,
        params.getLrWsdDecayStyle());
  }
}
