package dev.penstock.engine.parity;

import dev.penstock.engine.model.FusedWeight;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Finds the parameter whose gradient is farthest from the recorded one. */
final class GradientComparison {
  /**
   * A gradient this much smaller than the largest is zero but for rounding (that of a key's bias
   * without rotary embedding, for one), and is measured by the largest.
   */
  private static final double NOISE = 1e-7;

  private final Reference reference;
  private final double largest;
  private double worst;
  private String worstParameter = "";

  private GradientComparison(Reference reference) {
    this.reference = reference;
    largest =
        reference.gradients().values().stream()
            .mapToDouble(GradientComparison::max)
            .max()
            .orElse(0);
  }

  static GradientComparison of(
      Reference reference, List<RankParity.Outcome> ranks, Map<String, FusedWeight> fused) {
    GradientComparison comparison = new GradientComparison(reference);
    Map<String, float[]> whole = new HashMap<>();
    for (RankParity.Outcome rank : ranks) {
      rank.gradients()
          .forEach(
              (name, gradient) -> {
                FusedWeight place = comparison.isRecorded(name) ? null : fused.get(name);
                if (place == null) {
                  comparison.compare(name, gradient);
                  whole.put(name, gradient);
                } else {
                  float[] all = whole.computeIfAbsent(place.name(), key -> zeros(place));
                  int begin = Math.toIntExact(place.begin());
                  System.arraycopy(gradient, 0, all, begin, gradient.length);
                }
              });
    }
    whole.forEach(comparison::compare);
    Stream.concat(
            reference.gradients().keySet().stream(), reference.gradientNorms().keySet().stream())
        .filter(name -> !whole.containsKey(name))
        .forEach(name -> comparison.note(name, Double.POSITIVE_INFINITY));
    return comparison;
  }

  double worst() {
    return worst;
  }

  String worstParameter() {
    return worstParameter;
  }

  private boolean isRecorded(String name) {
    return reference.gradients().containsKey(name) || reference.gradientNorms().containsKey(name);
  }

  private static float[] zeros(FusedWeight place) {
    return new float[Math.toIntExact(place.shape().stream().reduce(1L, (a, b) -> a * b))];
  }

  private void compare(String name, float[] gradient) {
    float[] expected = reference.gradients().get(name);
    if (expected != null) {
      note(name, expected.length == gradient.length ? elements(gradient, expected) : Double.NaN);
    } else if (reference.gradientNorms().containsKey(name)) {
      double norm = reference.gradientNorms().get(name);
      note(name, relative(Math.abs(norm(gradient) - norm), norm));
    }
  }

  /** Keeps a NaN: a broken number must not pass for a small one. */
  private void note(String name, double difference) {
    if (!(difference <= worst) && !Double.isNaN(worst)) {
      worst = difference;
      worstParameter = name;
    }
  }

  private double elements(float[] actual, float[] expected) {
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
    }
    double size = max(expected);
    return relative(difference, size < NOISE * largest ? largest : size);
  }

  private static double max(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static double norm(float[] gradient) {
    double sum = 0;
    for (float element : gradient) {
      sum += (double) element * element;
    }
    return Math.sqrt(sum);
  }

  private static double relative(double difference, double size) {
    return size == 0 ? difference : difference / size;
  }
}
