package dev.penstock.spark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.spark.TrainingSummary;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a training measured, one JSON object a step: {@code metrics.jsonl}. */
final class MetricsLines {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MetricsLines() {}

  /** A line a step: its loss, norm and rate, and the validation that followed it. */
  static String of(TrainingSummary summary) {
    double[] losses = summary.objectiveHistory();
    double[] norms = summary.gradNormHistory();
    double[] rates = summary.learningRateHistory();
    double[] seconds = summary.stepSeconds();
    Map<Long, Double> validations = new HashMap<>();
    for (int i = 0; i < summary.validationSteps().length; i++) {
      validations.put(summary.validationSteps()[i], summary.validationHistory()[i]);
    }
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < losses.length; i++) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("step", i + 1);
      line.put("loss", losses[i]);
      line.put("grad_norm", norms[i]);
      line.put("lr", rates[i]);
      line.put("seconds", seconds[i]);
      Double validation = validations.get(i + 1L);
      if (validation != null) {
        line.put("validation_loss", validation);
      }
      lines.append(json(line)).append('\n');
    }
    return lines.toString();
  }

  private static String json(Map<String, Object> line) {
    try {
      return JSON.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
