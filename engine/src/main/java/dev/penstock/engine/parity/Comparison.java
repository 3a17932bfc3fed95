package dev.penstock.engine.parity;

import dev.penstock.engine.model.FusedWeight;
import dev.penstock.engine.train.StepOutcome;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Measures how far the ranks' numbers are from the recorded ones. */
final class Comparison {
  private Comparison() {}

  /**
   * Compares.
   *
   * @param fused parameters that the reference may hold together with others
   * @param warnings of the model's files
   */
  static ParityReport of(
      Reference reference,
      List<RankParity.Outcome> ranks,
      Map<String, FusedWeight> fused,
      List<String> warnings) {
    GradientComparison gradients = GradientComparison.of(reference, ranks, fused);
    List<StepOutcome> training = ranks.get(0).training();
    return new ParityReport(
        logits(reference, ranks),
        Math.abs(ranks.get(0).loss() - reference.loss()) / Math.abs(reference.loss()),
        gradients.worst(),
        gradients.worstParameter(),
        worstStep(training.stream().map(StepOutcome::loss).toList(), reference.trainLosses()),
        worstStep(training.stream().map(StepOutcome::gradNorm).toList(), reference.trainNorms()),
        saved(reference.saved(), ranks.get(0).saved()),
        training.stream().map(StepOutcome::loss).toList(),
        warnings);
  }

  private static double saved(Reference.Saved expected, Map<String, float[]> actual) {
    if (expected.sizes().isEmpty()) {
      return Double.NaN;
    }
    Map<String, Long> sizes = new HashMap<>();
    actual.forEach((name, values) -> sizes.put(name, (long) values.length));
    if (!sizes.equals(expected.sizes())) {
      return Double.POSITIVE_INFINITY;
    }
    double worst = 0;
    for (Map.Entry<String, float[]> tensor : expected.values().entrySet()) {
      float[] found = actual.get(tensor.getKey());
      for (int i = 0; i < found.length; i++) {
        worst = max(worst, Math.abs((double) found[i] - tensor.getValue()[i]));
      }
    }
    return worst;
  }

  /** One rank has all logits; it is NaN if none has. */
  private static double logits(Reference reference, List<RankParity.Outcome> ranks) {
    double worst = 0;
    int at = 0;
    for (RankParity.Outcome rank : ranks) {
      for (float[] microbatch : rank.logits()) {
        for (float logit : microbatch) {
          float expected = reference.logits()[at++ % reference.logits().length];
          worst = max(worst, Math.abs((double) logit - expected));
        }
      }
    }
    return at > 0 && at % reference.logits().length == 0 ? worst : Double.NaN;
  }

  private static double worstStep(List<Double> actual, List<Double> expected) {
    double worst = expected.isEmpty() ? Double.NaN : 0;
    for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
      worst = max(worst, Math.abs(actual.get(i) - expected.get(i)) / Math.abs(expected.get(i)));
    }
    return worst;
  }

  /** As Math.max, which keeps a NaN: a broken number must not pass for a small one. */
  private static double max(double a, double b) {
    return Math.max(a, b);
  }
}
