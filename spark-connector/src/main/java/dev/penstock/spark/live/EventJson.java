package dev.penstock.spark.live;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.StageSummary;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.TimeUnits;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.draw.ScheduleDrawing;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import dev.penstock.spark.progress.FitEvent;
import dev.penstock.spark.progress.StageTable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event as the page's script reads it. */
final class EventJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Schedules with more actions are not drawn: nobody could see anything. */
  private static final int MAX_DRAWN = 4000;

  private static final int MAX_STEPS = 20_000;
  private static final int MAX_TEXT = 2000;

  private EventJson() {}

  /**
   * Writes an event.
   *
   * @param timeline what was measured as SVG, of a step or of a fit that is completed; null:
   *     nothing was
   */
  static ObjectNode of(FitEvent event, @Nullable String timeline) {
    ObjectNode json = JSON.createObjectNode();
    json.put("at", System.currentTimeMillis());
    if (event instanceof FitEvent.Planned planned) {
      planned(json, planned);
    } else if (event instanceof FitEvent.AttemptStarted started) {
      json.put("type", "attempt").put("attempt", started.attempt());
      json.put("after", started.afterStep());
    } else if (event instanceof FitEvent.Stepped stepped) {
      json.put("type", "step").set("step", step(stepped.report()));
    } else if (event instanceof FitEvent.Validated validated) {
      json.put("type", "validation").set("validation", validation(validated.report()));
    } else if (event instanceof FitEvent.Measured measured) {
      json.put("type", "measured").put("step", measured.step()).put("timeline", timeline);
      ArrayNode peaks = json.putArray("peaks");
      measured.ranks().forEach(rank -> peaks.add(rank.peakBytes()));
    } else if (event instanceof FitEvent.Checkpointed checkpointed) {
      json.put("type", "checkpoint").put("step", checkpointed.step());
    } else if (event instanceof FitEvent.AttemptFailed failed) {
      json.put("type", "attemptFailed").put("attempt", failed.attempt());
      json.put("problem", cut(failed.problem()));
    } else if (event instanceof FitEvent.Noted noted) {
      json.put("type", "note").put("line", cut(noted.line()));
    } else if (event instanceof FitEvent.Completed completed) {
      completed(json, completed, timeline);
    } else if (event instanceof FitEvent.Failed failed) {
      json.put("type", "failed").put("problem", cut(failed.error()));
    }
    return json;
  }

  private static void planned(ObjectNode json, FitEvent.Planned planned) {
    json.put("type", "planned").put("runId", planned.runId());
    json.put("modelPath", planned.modelPath()).put("numSteps", planned.numSteps());
    ObjectNode params = json.putObject("params");
    planned.params().forEach((name, value) -> params.put(name, cut(value)));
    ArrayNode stages = json.putArray("stages");
    for (StageSummary stage : planned.stages()) {
      stages
          .addObject()
          .put("stage", stage.stage())
          .put("rank", stage.ppRank())
          .put("parameters", stage.parameters())
          .put("cost", stage.costShare())
          .put("modules", StageTable.modules(stage));
    }
    ArrayNode memory = json.putArray("memory");
    for (MemoryEstimate estimate : planned.memory()) {
      memory
          .addObject()
          .put("rank", estimate.ppRank())
          .put("weights", estimate.weightBytes())
          .put("gradients", estimate.gradientBytes())
          .put("moments", estimate.momentBytes())
          .put("activations", estimate.activationBytes())
          .put("logits", estimate.logitBytes())
          .put("checkpoint", estimate.checkpointBytes());
    }
    json.put("plan", drawing(planned.schedule()));
  }

  private static @Nullable String drawing(PipelineSchedule schedule) {
    Timeline plan =
        Simulator.timeline(Lowering.lower(schedule), CostModel.unit(schedule.numStages()));
    Timeline computing =
        new Timeline(
            plan.title(),
            TimeUnits.COST,
            plan.ppSize(),
            plan.spans().stream().filter(span -> span.action().type().isCompute()).toList(),
            plan.summary());
    return computing.spans().size() > MAX_DRAWN ? null : ScheduleDrawing.svg(List.of(computing));
  }

  private static void completed(
      ObjectNode json, FitEvent.Completed completed, @Nullable String timeline) {
    json.put("type", "completed").put("modelPath", completed.modelPath());
    ArrayNode steps = json.putArray("steps");
    int count = completed.steps().size();
    int stride = (count + MAX_STEPS - 1) / MAX_STEPS;
    for (int i = 0; i < count; i++) {
      if (i == count - 1 || i % stride == 0) {
        steps.add(step(completed.steps().get(i)));
      }
    }
    ArrayNode validations = json.putArray("validations");
    completed.validations().forEach(validation -> validations.add(validation(validation)));
    ArrayNode peaks = json.putArray("peaks");
    completed.peakBytes().forEach(peaks::add);
    ObjectNode phases = json.putObject("phases");
    completed.phaseSeconds().forEach(phases::put);
    json.put("timeline", timeline);
  }

  private static ArrayNode step(StepReport step) {
    return JSON.createArrayNode()
        .add(step.step())
        .add(step.loss())
        .add(step.gradNorm())
        .add(step.learningRate())
        .add(step.tokens())
        .add(step.seconds())
        .add(step.peakBytes());
  }

  private static ArrayNode validation(ValidationReport validation) {
    return JSON.createArrayNode().add(validation.step()).add(validation.loss());
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT) + " ...";
  }
}
