package dev.penstock.spark.params;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import java.util.List;

/** Params to the engine's records, which check their values. */
public final class EngineConfigs {
  private static final int MAX_DEFAULT_WARMUP_STEPS = 1000;

  private EngineConfigs() {}

  /**
   * The run that the Params describe.
   *
   * @param modelConfigJson text of config.json, from whichever Param names it
   * @throws ConfigException if the values cannot work together
   */
  public static TrainingConfig trainingConfig(TrainerParams<?> params, String modelConfigJson) {
    return new TrainingConfig(
        modelConfigJson,
        new ParallelConfig(params.getPpSize(), params.getDpSize()),
        new BatchConfig(
            params.getGlobalBatchSize(), params.getPpMicrobatchSize(), params.getSeqLength()),
        scheduleConfig(params),
        new OptimizerConfig(
            params.getLearningRate(),
            params.getBeta1(),
            params.getBeta2(),
            params.getEpsilon(),
            params.getWeightDecay(),
            params.getMaxGradNorm()),
        lrScheduleConfig(params),
        params.getMaxSteps(),
        params.getSeed());
  }

  private static ScheduleConfig scheduleConfig(PipelineParams<?> params) {
    return new ScheduleConfig(
        params.getPpSchedule(),
        null,
        params.<Integer>valueIfAny(TrainerOption.LAYERS_PER_STAGE).orElse(null),
        null,
        params.getSplitStrategy(),
        List.of());
  }

  private static LrScheduleConfig lrScheduleConfig(OptimizerParams<?> params) {
    int maxSteps = params.getMaxSteps();
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
            .orElse(Math.min(MAX_DEFAULT_WARMUP_STEPS, maxSteps / 10)),
        params.<Integer>valueIfAny(TrainerOption.LR_DECAY_STEPS).orElse(maxSteps),
        params.<Double>valueIfAny(TrainerOption.INIT_LEARNING_RATE).orElse(peak / 10),
        params.<Double>valueIfAny(TrainerOption.MIN_LEARNING_RATE).orElse(peak / 100),
        wsd ? params.getLrWsdDecaySteps() : 0,
        params.getLrWsdDecayStyle());
  }
}
