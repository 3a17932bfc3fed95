package dev.penstock.engine.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GradientComparisonTest {
  private static GradientComparison compare(
      Map<String, float[]> gradients, Map<String, Double> norms, Map<String, float[]> found) {
    Reference.Tokens none = new Reference.Tokens(0, 0, new int[0], new int[0]);
    Reference reference =
        new Reference(
            none,
            new float[0],
            0,
            gradients,
            norms,
            List.of(),
            List.of(),
            List.of(),
            new Reference.Saved(Map.of(), Map.of()));
    RankParity.Outcome rank = new RankParity.Outcome(0, List.of(), found, List.of(), Map.of());
    return GradientComparison.of(reference, List.of(rank), Map.of());
  }

  @Test
  void farthestParameterIsNamed() {
    GradientComparison comparison =
        compare(
            Map.of("a", new float[] {4, 2}),
            Map.of("b", 5.0),
            Map.of("a", new float[] {4, 3}, "b", new float[] {3, 4}));
    assertThat(comparison.worst()).isEqualTo(0.25);
    assertThat(comparison.worstParameter()).isEqualTo("a");
  }

  @Test
  void whatIsRecordedAndNowhereComputedIsTheWorst() {
    Map<String, float[]> found = Map.of("a", new float[] {1});
    Map<String, float[]> recorded = Map.of("a", new float[] {1}, "b", new float[] {2});
    GradientComparison gradient = compare(recorded, Map.of(), found);
    assertThat(gradient.worst()).isInfinite();
    assertThat(gradient.worstParameter()).isEqualTo("b");

    GradientComparison norm = compare(Map.of(), Map.of("c", 2.0), found);
    assertThat(norm.worst()).isInfinite();
    assertThat(norm.worstParameter()).isEqualTo("c");
  }
}
