package dev.penstock.spark.track;

import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.util.LinkedHashMap;
import java.util.Map;

/** What trackers get of a step or a validation, by the names that it has there. */
final class Metrics {
  private Metrics() {}

  static Map<String, Double> of(StepReport step) {
    Map<String, Double> values = new LinkedHashMap<>();
    if (!step.isEmpty()) { // it has no loss
      values.put("train/loss", step.loss());
      values.put("train/grad_norm", step.gradNorm());
    }
    values.put("train/learning_rate", step.learningRate());
    values.put("train/tokens_per_second", step.tokens() / step.seconds());
    if (step.peakBytes() > 0) {
      values.put("train/peak_memory_gb", step.peakBytes() / 1e9);
    }
    return values;
  }

  static Map<String, Double> of(ValidationReport validation) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put("validation/loss", validation.loss());
    values.put("validation/perplexity", Math.exp(validation.loss()));
    return values;
  }
}
