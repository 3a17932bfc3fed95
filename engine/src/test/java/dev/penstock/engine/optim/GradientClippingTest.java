package dev.penstock.engine.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.model.Parameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradientClippingTest {
  private static final double NEVER = Double.POSITIVE_INFINITY;

  static List<JsonNode> singleRankCases() {
    return Fixtures.list(Fixtures.read("clip_grad_norm.json").get("single_rank_cases")).stream()
        .filter(reference -> !reference.get("max_norm").isNull())
        .toList();
  }

  static List<JsonNode> pipelineCases() {
    return Fixtures.list(Fixtures.read("clip_grad_norm.json").get("pp_cases"));
  }

  static List<JsonNode> scalingCases() {
    return Fixtures.list(Fixtures.read("pp_grad_token_scaling.json").get("cases"));
  }

  private static <T> List<T> run(int size, Ranks.Body<T> body) {
    String runId = UUID.randomUUID().toString();
    IntFunction<Transport> connect =
        rank -> LoopbackTransport.join(runId, rank, size, Duration.ofSeconds(20));
    return Ranks.run(
        size,
        connect,
        transport -> {
          try (PointerScope scope = new PointerScope()) {
            return body.run(transport);
          }
        });
  }

  private static double clip(
      double maxNorm, double normType, List<Parameter> parameters, Transport transport) {
    return new GradientClipping(maxNorm, normType)
        .clip(parameters, parameters, transport, ranks(transport));
  }

  private static List<Integer> ranks(Transport transport) {
    return java.util.stream.IntStream.range(0, transport.size()).boxed().toList();
  }

  @ParameterizedTest
  @MethodSource("singleRankCases")
  void gradientsAreClippedAsByTheReference(JsonNode reference) {
    run(
        1,
        transport -> {
          List<Parameter> parameters = new ArrayList<>();
          for (JsonNode gradient : reference.get("grads")) {
            parameters.add(TestParameters.ofGradient("p", Fixtures.doubles(gradient)));
          }
          double total =
              clip(
                  reference.get("max_norm").asDouble(),
                  Fixtures.normType(reference.get("norm_type")),
                  parameters,
                  transport);
          assertThat(total).isCloseTo(reference.get("total_norm").asDouble(), within(1e-12));
          for (int i = 0; i < parameters.size(); i++) {
            assertThat(TestParameters.gradient(parameters.get(i)))
                .containsExactly(Fixtures.doubles(reference.get("clipped").get(i)), within(1e-12));
          }
          return total;
        });
  }

  @ParameterizedTest
  @MethodSource("pipelineCases")
  void theNormIsTakenOverAllRanks(JsonNode reference) {
    double[] norms = Fixtures.doubles(reference.get("per_rank_norms"));
    List<Double> totals =
        run(
            norms.length,
            transport ->
                clip(
                    NEVER,
                    Fixtures.normType(reference.get("norm_type")),
                    List.of(TestParameters.ofGradient("p", norms[transport.rank()])),
                    transport));
    assertThat(totals).containsOnly(totals.get(0));
    assertThat(totals.get(0)).isCloseTo(reference.get("total").asDouble(), within(1e-12));
  }

  @Test
  void aTiedParameterCountsOnceAndIsScaledOnBothRanks() {
    List<double[]> gradients =
        run(
            2,
            transport -> {
              Parameter tied = TestParameters.ofGradient("tied", 3);
              Parameter own = TestParameters.ofGradient("own", 0, transport.rank() * 4.0);
              List<Parameter> counted = transport.rank() == 0 ? List.of(tied, own) : List.of(own);
              double total =
                  new GradientClipping(1, 2)
                      .clip(List.of(tied, own), counted, transport, List.of(0, 1));
              assertThat(total).isCloseTo(5, within(1e-12));
              return TestParameters.gradient(tied);
            });
    assertThat(gradients.get(0)).containsExactly(new double[] {0.6}, within(1e-6));
    assertThat(gradients.get(1)).containsExactly(gradients.get(0));
  }

  @Test
  void aRankMayHaveNothingToCount() {
    List<Double> totals =
        run(
            2,
            transport -> {
              List<Parameter> parameters =
                  transport.rank() == 0 ? List.of() : List.of(TestParameters.ofGradient("p", 3, 4));
              return clip(1, 2, parameters, transport);
            });
    assertThat(totals).containsExactly(5.0, 5.0);
  }

  @Test
  void float32GradientsWhoseSquaresOverflowOrVanishHaveANorm() {
    run(
        1,
        transport -> {
          for (double magnitude : new double[] {3e30, 3e-30}) {
            Parameter parameter =
                TestParameters.of(
                    "p", ScalarType.Float, new double[2], new double[] {magnitude, -magnitude});
            assertThat(clip(NEVER, 2, List.of(parameter), transport))
                .isCloseTo(magnitude * Math.sqrt(2), within(magnitude * 1e-6));
          }
          return true;
        });
  }

  @Test
  void aLongFloat32GradientIsSummedInFloat64() {
    double[] gradient = new Random(3).doubles(600_000, -1, 1).map(x -> (float) x).toArray();
    double expected = Math.sqrt(java.util.Arrays.stream(gradient).map(x -> x * x).sum());
    run(
        1,
        transport -> {
          Parameter parameter =
              TestParameters.of("p", ScalarType.Float, new double[600_000], gradient);
          assertThat(clip(NEVER, 2, List.of(parameter), transport))
              .isCloseTo(expected, within(expected * 1e-12));
          return true;
        });
  }

  @Test
  void aNotFiniteGradientShowsInTheNorm() {
    run(
        1,
        transport -> {
          List<Parameter> nan = List.of(TestParameters.ofGradient("p", 1, Double.NaN));
          assertThat(clip(1, 2, nan, transport)).isNaN();
          List<Parameter> infinite = List.of(TestParameters.ofGradient("p", 1, NEVER));
          assertThat(clip(1, 2, infinite, transport)).isInfinite();
          return true;
        });
  }

  @Test
  void badNormsAreRefused() {
    assertThatThrownBy(() -> new GradientClipping(0, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new GradientClipping(1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @MethodSource("scalingCases")
  void gradientsAreDividedByTheTokenCount(JsonNode reference) {
    try (PointerScope scope = new PointerScope()) {
      Parameter parameter = TestParameters.ofGradient("p", Fixtures.doubles(reference.get("grad")));
      double divisor =
          reference.get("num_label_tokens").asDouble() / reference.get("dp_group_size").asDouble();
      GradientScaling.divide(List.of(parameter), divisor);
      assertThat(TestParameters.gradient(parameter))
          .containsExactly(Fixtures.doubles(reference.get("result")), within(1e-15));
    }
  }
}
