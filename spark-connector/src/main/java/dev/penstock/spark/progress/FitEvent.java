package dev.penstock.spark.progress;

import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.train.RankSnapshot;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happens in a fit, as the driver hears of it. Steps and validations come in order and once
 * each, but with the heartbeats of Spark, so several at a time; of steps that take a few
 * milliseconds some are passed over, which {@link Completed} has.
 */
public sealed interface FitEvent {
  /**
   * The run is planned and checked, and waits for task slots.
   *
   * @param runId names the fit
   * @param run names the run over all fits that went on with it: the fit's own name where it began
   *     anew
   * @param modelPath the folder that becomes the model
   * @param numSteps the last step; 0: that of a stream, which nobody knows
   * @param validationInterval steps from one validation to the next; 0: at the end only, if there
   *     are rows for it
   * @param params all Params by name, in words
   * @param stages of the pipeline
   * @param memory expected of each pipeline rank
   * @param schedule of one pipeline step
   */
  record Planned(
      String runId,
      String run,
      String modelPath,
      long numSteps,
      int validationInterval,
      Map<String, String> params,
      List<StageSummary> stages,
      List<MemoryEstimate> memory,
      PipelineSchedule schedule)
      implements FitEvent {
    public Planned {
      params = Map.copyOf(params);
      stages = List.copyOf(stages);
      memory = List.copyOf(memory);
    }
  }

  /**
   * The ranks are started.
   *
   * @param attempt 1 for the first of this fit
   * @param afterStep the step of the checkpoint that they go on from; 0: they begin anew. Steps
   *     that were told of in an attempt before are not told again, for they come to the same
   */
  record AttemptStarted(int attempt, long afterStep) implements FitEvent {}

  /** An optimizer step was taken. */
  record Stepped(StepReport report) implements FitEvent {}

  /** A validation was made. */
  record Validated(ValidationReport report) implements FitEvent {}

  /**
   * All ranks told how they fared in a step: every few seconds, and later than the step itself.
   *
   * @param ranks the pipeline ranks of the first replica, in order
   */
  record Measured(long step, List<RankSnapshot> ranks) implements FitEvent {
    public Measured {
      ranks = List.copyOf(ranks);
    }
  }

  /** The checkpoint of a step is complete: a run can go on from it. */
  record Checkpointed(long step) implements FitEvent {}

  /** An attempt failed, and another one begins. */
  record AttemptFailed(int attempt, String problem) implements FitEvent {}

  /** Something else that a progress line tells. */
  record Noted(String line) implements FitEvent {}

  /**
   * The model is there.
   *
   * @param modelPath its folder
   * @param steps every step, also those of before the fit went on
   * @param validations every validation
   * @param peakBytes most memory that the processes of each pipeline rank held
   * @param phaseSeconds where the time went, in order
   * @param timelinePath folder of the timeline's files; null: none was recorded
   */
  record Completed(
      String modelPath,
      List<StepReport> steps,
      List<ValidationReport> validations,
      List<Long> peakBytes,
      Map<String, Double> phaseSeconds,
      @Nullable String timelinePath)
      implements FitEvent {
    public Completed {
      steps = List.copyOf(steps);
      validations = List.copyOf(validations);
      peakBytes = List.copyOf(peakBytes);
    }
  }

  /** The fit failed, was cancelled or stopped. */
  record Failed(String error) implements FitEvent {}
}
