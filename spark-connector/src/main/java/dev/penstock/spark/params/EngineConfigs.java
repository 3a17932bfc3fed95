package dev.penstock.spark.params;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.plan.StepSchedule;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Params to the engine's records, which check their values. */
public final class EngineConfigs {
  private static final int DEFAULT_MAX_STEPS = 100;

  private EngineConfigs() {}

  /**
   * The run that the Params describe.
   *
   * @throws ConfigException if the values cannot work together
   */
  public static TrainingConfig trainingConfig(TrainerParams<?> params, RunFacts facts) {
    UnreadOptions.check(params);
    StepConfig steps = stepConfig(params);
    if (params.getDataMode().equals("stream") && facts.numSequences() < 0) {
      StreamRules.check(params, steps);
    }
    int numSteps = numSteps(steps, params.getGlobalBatchSize(), facts.numSequences());
    return new TrainingConfig(
        facts.modelConfigJson(),
        new ParallelConfig(params.getPpSize(), params.getDpSize()),
        new BatchConfig(
            params.getGlobalBatchSize(),
            params.<Integer>valueIfAny(TrainerOption.LOCAL_BATCH_SIZE).orElse(null),
            params.getPpMicrobatchSize(),
            params.getSeqLength()),
        scheduleConfig(params, facts.ppScheduleCsv()),
        OptimizerConfigs.optimizer(params, numSteps),
        OptimizerConfigs.lrSchedule(params, numSteps),
        steps,
        new ComputeConfig(
            Recompute.parse(params.getRecompute()),
            Precision.parse(params.getPrecision()),
            params.getDocumentMask(),
            params.<Double>valueIfAny(TrainerOption.DROPOUT).orElse(null)),
        LoraConfigs.lora(params, facts),
        params.getSeed());
  }

  /**
   * How the run is validated; nothing if it is not.
   *
   * @throws ConfigException if the values cannot work together
   */
  public static Optional<ValidationConfig> validationConfig(ValidationParams<?> params) {
    ValidationConfig config =
        new ValidationConfig(
            params.getValidationInterval(),
            params.getEarlyStoppingPatience(),
            params.getRestoreBestModel());
    if (params.isDefined(params.validationIndicatorCol())) {
      return Optional.of(config);
    }
    if (!config.equals(new ValidationConfig(0, 0, false))) {
      throw new ConfigException(
          "validationInterval, earlyStoppingPatience and restoreBestModel need rows to validate on:"
              + " set validationIndicatorCol.");
    }
    return Optional.empty();
  }

  private static StepConfig stepConfig(TrainerParams<?> params) {
    Integer maxSteps = params.<Integer>valueIfAny(TrainerOption.MAX_STEPS).orElse(null);
    Integer numEpochs = params.<Integer>valueIfAny(TrainerOption.NUM_EPOCHS).orElse(null);
    return new StepConfig(
        maxSteps == null && numEpochs == null ? Integer.valueOf(DEFAULT_MAX_STEPS) : maxSteps,
        numEpochs,
        params.<Integer>valueIfAny(TrainerOption.CHECKPOINT_INTERVAL).orElse(null),
        false);
  }

  /** Steps of the run; before the data are known, the most it can be. */
  private static int numSteps(StepConfig steps, int globalBatchSize, long numSequences) {
    if (steps.maxSteps() == null && numSequences < 0) {
      return Integer.MAX_VALUE;
    }
    return Math.toIntExact(StepSchedule.of(steps, globalBatchSize, numSequences).numSteps());
  }

  private static ScheduleConfig scheduleConfig(PipelineParams<?> params, @Nullable String csv) {
    return new ScheduleConfig(
        params.getPpSchedule(),
        csv,
        params.<Integer>valueIfAny(TrainerOption.LAYERS_PER_STAGE).orElse(null),
        params.<String>valueIfAny(TrainerOption.ROUND_VIRTUAL_STAGES_TO_PP_MULTIPLE).orElse(null),
        params.getSplitStrategy(),
        params
            .<String>valueIfAny(TrainerOption.MODULE_NAMES_PER_STAGE)
            .map(StageNames::parse)
            .orElse(List.of()));
  }
}
