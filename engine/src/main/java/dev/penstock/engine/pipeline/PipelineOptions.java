package dev.penstock.engine.pipeline;

import dev.penstock.engine.config.ConfigException;
import java.util.Locale;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * How a pipeline runs: the reference's AutoPipeline arguments that do not describe the model.
 *
 * @param ppSchedule schedule name; may be null where a CSV is given
 * @param ppScheduleCsv text of a CSV schedule, which then wins; or null
 * @param numMicrobatches microbatches of a step; rows are cut as {@code torch.tensor_split} does
 * @param scaleGradsInSchedule whether gradients are divided by the number of microbatches at the
 *     end of a step; wrong with gradient accumulation over steps, hence off by default
 * @param activationType dtype of what the stages exchange
 * @param device e.g. {@code cpu}
 */
public record PipelineOptions(
    @Nullable String ppSchedule,
    @Nullable String ppScheduleCsv,
    int numMicrobatches,
    boolean scaleGradsInSchedule,
    ScalarType activationType,
    String device) {
  public PipelineOptions {
    if (ppSchedule == null && ppScheduleCsv == null) {
      throw new ConfigException(
          "Either pipeline_parallel_schedule or pipeline_parallel_schedule_csv must be provided");
    }
    if (numMicrobatches < 1) {
      throw new ConfigException(
          String.format(
              Locale.ROOT, "numMicrobatches must be at least 1, but is %d.", numMicrobatches));
    }
  }

  /** Float32 on the CPU by a named schedule. */
  public static PipelineOptions of(String ppSchedule, int numMicrobatches) {
    return new PipelineOptions(ppSchedule, null, numMicrobatches, false, ScalarType.Float, "cpu");
  }

  /** Float32 on the CPU by a schedule written as CSV. */
  public static PipelineOptions ofCsv(String csv, int numMicrobatches) {
    return new PipelineOptions(null, csv, numMicrobatches, false, ScalarType.Float, "cpu");
  }

  /** The same with activations of another dtype. */
  public PipelineOptions withActivationType(ScalarType type) {
    return new PipelineOptions(
        ppSchedule, ppScheduleCsv, numMicrobatches, scaleGradsInSchedule, type, device);
  }

  /** The same, with gradients scaled in the schedule or not. */
  public PipelineOptions withScaleGradsInSchedule(boolean scale) {
    return new PipelineOptions(
        ppSchedule, ppScheduleCsv, numMicrobatches, scale, activationType, device);
  }
}
