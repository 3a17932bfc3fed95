package dev.penstock.engine.parity;

import dev.penstock.engine.train.StepOutcome;
import java.util.List;
import java.util.Map;

/** Measures how far the ranks' numbers are from the recorded ones. */
final class Comparison {
  private Comparison() {}

  static ParityReport of(Reference reference, List<RankParity.Outcome> ranks) {
    double worst = 0;
    String worstParameter = "";
    for (RankParity.Outcome rank : ranks) {
      for (Map.Entry<String, float[]> gradient : rank.gradients().entrySet()) {
        float[] expected = reference.gradients().get(gradient.getKey());
        double difference = expected == null ? 0 : relative(gradient.getValue(), expected);
        if (!(difference <= worst)) {
          worst = difference;
          worstParameter = gradient.getKey();
        }
      }
    }
    List<StepOutcome> training = ranks.get(0).training();
    return new ParityReport(
        logits(reference, ranks),
        Math.abs(ranks.get(0).loss() - reference.loss()) / Math.abs(reference.loss()),
        worst,
        worstParameter,
        worstStep(training.stream().map(StepOutcome::loss).toList(), reference.trainLosses()),
        worstStep(training.stream().map(StepOutcome::gradNorm).toList(), reference.trainNorms()),
        training.stream().map(StepOutcome::loss).toList());
  }

  private static double logits(Reference reference, List<RankParity.Outcome> ranks) {
    double worst = 0;
    for (RankParity.Outcome rank : ranks) {
      int at = 0;
      for (float[] microbatch : rank.logits()) {
        for (float logit : microbatch) {
          worst = max(worst, Math.abs((double) logit - reference.logits()[at++]));
        }
      }
    }
    return worst;
  }

  private static double relative(float[] actual, float[] expected) {
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = max(difference, Math.abs((double) actual[i] - expected[i]));
      largest = max(largest, Math.abs(expected[i]));
    }
    return largest == 0 ? difference : difference / largest;
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
