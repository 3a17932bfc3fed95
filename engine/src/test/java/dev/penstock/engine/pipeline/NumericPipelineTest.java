package dev.penstock.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.torch.HostTensors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NumericPipelineTest {
  private static final double TOLERANCE = 1e-10;
  private static final int ROWS = 8;

  private record Outcome(double[] losses, double[] outputs, Map<String, double[]> gradients) {}

  static List<Arguments> cases() throws IOException {
    JsonNode cases =
        new ObjectMapper()
            .readTree(NumericPipelineTest.class.getResource("/functional/numeric_pipeline.json"))
            .path("cases");
    List<Arguments> arguments = new ArrayList<>();
    for (JsonNode reference : cases) {
      int numStages = reference.path("num_stages").asInt();
      for (ScheduleGenerator generator : Schedules.all()) {
        int stagesPerRank = generator.singleStage() ? 1 : 2;
        int microbatches = reference.path("n_microbatches").asInt();
        if (runs(generator, numStages / stagesPerRank, stagesPerRank, microbatches)) {
          arguments.add(Arguments.of(generator.name(), numStages / stagesPerRank, reference));
        }
      }
    }
    return arguments;
  }

  private static boolean runs(
      ScheduleGenerator generator, int ppSize, int stagesPerRank, int microbatches) {
    try {
      generator.generate(ppSize, stagesPerRank, microbatches);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @ParameterizedTest(name = "{0} on {1} ranks")
  @MethodSource("cases")
  void lossesOutputsAndGradientsAreThoseWithoutAPipeline(
      String schedule, int ppSize, JsonNode reference) {
    PipelineOptions options =
        PipelineOptions.of(schedule, reference.path("n_microbatches").asInt())
            .withActivationType(ScalarType.Double)
            .withScaleGradsInSchedule(reference.path("scale_grads").asBoolean());
    PipelineRanks ranks =
        new PipelineRanks(
            ppSize,
            reference.path("num_stages").asInt(),
            options,
            reference.path("loss").asText().equals("mse_sum")
                ? PipelineRanks.SUM
                : PipelineRanks.MEAN);
    List<Outcome> outcomes = ranks.run(NumericPipelineTest::step);

    Map<String, double[]> gradients = new TreeMap<>();
    for (Outcome outcome : outcomes) {
      gradients.putAll(outcome.gradients);
      if (outcome.losses.length > 0) {
        assertClose(outcome.losses, reference.path("losses"));
        assertClose(outcome.outputs, reference.path("output"));
      }
    }
    assertThat(outcomes).filteredOn(outcome -> outcome.losses.length > 0).hasSize(1);
    reference
        .path("grads")
        .fields()
        .forEachRemaining(
            stage ->
                stage
                    .getValue()
                    .fields()
                    .forEachRemaining(
                        parameter ->
                            assertClose(
                                gradients.get(stage.getKey() + "." + parameter.getKey()),
                                parameter.getValue())));
  }

  private static Outcome step(Pipeline pipeline) {
    try (Tensor inputs = PipelineRanks.inputs(ROWS);
        Tensor targets = PipelineRanks.targets(ROWS)) {
      StepResult result = pipeline.stepWithOutputs(inputs, targets);
      double[] outputs = new double[0];
      if (result.outputs() != null) {
        outputs = HostTensors.toDoubles(result.outputs());
        result.outputs().close();
      }
      return new Outcome(result.losses(), outputs, PipelineRanks.gradients(pipeline));
    }
  }

  private static void assertClose(double[] actual, JsonNode expected) {
    double[] flat = flatten(expected);
    assertThat(actual).hasSameSizeAs(flat);
    for (int i = 0; i < flat.length; i++) {
      assertThat(actual[i]).isCloseTo(flat[i], within(TOLERANCE));
    }
  }

  private static double[] flatten(JsonNode node) {
    List<Double> values = new ArrayList<>();
    for (JsonNode element : node) {
      if (element.isArray()) {
        for (double value : flatten(element)) {
          values.add(value);
        }
      } else {
        values.add(element.asDouble());
      }
    }
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
