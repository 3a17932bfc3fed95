package dev.penstock.spark.track;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A line of {@code metrics.jsonl}: what a step measured, and the validation that followed it. */
final class MetricsLine {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MetricsLine() {}

  /**
   * The line, with its end. NaN and infinity are strings.
   *
   * @param validation null: none followed it
   */
  static String of(StepReport step, @Nullable ValidationReport validation) {
    ObjectNode line = JSON.createObjectNode();
    line.put("step", step.step());
    line.put("loss", step.loss());
    line.put("grad_norm", step.gradNorm());
    line.put("lr", step.learningRate());
    line.put("tokens", step.tokens());
    line.put("tokens_per_second", Math.round(step.tokens() / step.seconds()));
    line.put("seconds", step.seconds());
    if (validation != null) {
      line.put("validation_loss", validation.loss());
    }
    return line + "\n";
  }

  /** All lines of a run. */
  static String of(List<StepReport> steps, List<ValidationReport> validations) {
    Map<Long, ValidationReport> byStep = new HashMap<>();
    validations.forEach(validation -> byStep.put(validation.step(), validation));
    StringBuilder lines = new StringBuilder();
    steps.forEach(step -> lines.append(of(step, byStep.get(step.step()))));
    return lines.toString();
  }

  /** The step of a line; nothing if it is none, such as the last one of a process that died. */
  static OptionalLong stepOf(String line) {
    try {
      long step = JSON.readTree(line).path("step").asLong(-1);
      return step < 0 ? OptionalLong.empty() : OptionalLong.of(step);
    } catch (JsonProcessingException e) {
      return OptionalLong.empty();
    }
  }
}
