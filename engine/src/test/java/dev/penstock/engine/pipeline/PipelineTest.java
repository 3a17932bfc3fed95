package dev.penstock.engine.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.ScheduleCsv;
import dev.penstock.engine.schedule.ScheduleGenerator;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.schedule.Simulator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PipelineTest {
  private static final double ROUNDING = 1e-12;

  static Stream<String> schedules() {
    return Schedules.all().stream().map(ScheduleGenerator::name);
  }

  private static PipelineRanks ranks(String schedule, int microbatches) {
    boolean single = Schedules.named(schedule).singleStage();
    return new PipelineRanks(
        2,
        single ? 2 : 4,
        PipelineOptions.of(schedule, microbatches).withActivationType(ScalarType.Double),
        PipelineRanks.SUM);
  }

  private static double[] step(Pipeline pipeline, int rows) {
    try (Tensor inputs = PipelineRanks.inputs(rows);
        Tensor targets = PipelineRanks.targets(rows)) {
      return pipeline.step(inputs, targets).losses();
    }
  }

  private static double[] eval(Pipeline pipeline, int rows) {
    try (Tensor inputs = PipelineRanks.inputs(rows);
        Tensor targets = PipelineRanks.targets(rows)) {
      StepResult result = pipeline.eval(inputs, targets);
      if (result.outputs() != null) {
        result.outputs().close();
      }
      return result.losses();
    }
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void unevenAndChangingBatchesGiveTheSameSums(String schedule) {
    List<Map<String, double[]>> inOne =
        ranks(schedule, 4)
            .run(
                pipeline -> {
                  step(pipeline, 10);
                  step(pipeline, 7);
                  return PipelineRanks.gradients(pipeline);
                });
    boolean single = Schedules.named(schedule).singleStage();
    Map<String, double[]> plain =
        new PipelineRanks(
                1,
                single ? 2 : 4,
                PipelineOptions.of("LoopedBFS", 1).withActivationType(ScalarType.Double),
                PipelineRanks.SUM)
            .run(
                pipeline -> {
                  step(pipeline, 10);
                  step(pipeline, 7);
                  return PipelineRanks.gradients(pipeline);
                })
            .get(0);
    Map<String, double[]> merged = PipelineRanks.merged(inOne);
    assertThat(merged.keySet()).isEqualTo(plain.keySet());
    plain.forEach(
        (name, gradient) -> assertThat(merged.get(name)).containsExactly(gradient, within(1e-11)));
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void evaluationGivesTheLossesAndLeavesGradientsAlone(String schedule) {
    ranks(schedule, 4)
        .run(
            pipeline -> {
              double[] fresh = eval(pipeline, 8);
              double[] trained = step(pipeline, 8);
              Map<String, double[]> gradients = PipelineRanks.gradients(pipeline);
              double[] again = eval(pipeline, 8);
              assertThat(fresh).containsExactly(trained, within(ROUNDING));
              assertThat(again).containsExactly(trained, within(ROUNDING));
              PipelineRanks.gradients(pipeline)
                  .forEach((name, g) -> assertThat(g).isEqualTo(gradients.get(name)));
              return true;
            });
  }

  @Test
  void batchThatCannotBeCutIsRefusedOnAllRanksAndTheNextStepRuns() {
    List<double[]> losses =
        ranks("1f1b", 4)
            .run(
                pipeline -> {
                  assertThatThrownBy(() -> step(pipeline, 3))
                      .hasMessageContaining("3 rows cannot be cut into 4 microbatches");
                  return step(pipeline, 8);
                });
    assertThat(losses.get(0)).isEmpty();
    assertThat(losses.get(1)).hasSize(4);
  }

  @Test
  void targetsOfAnotherSizeAreRefusedOnAllRanks() {
    ranks("gpipe", 2)
        .run(
            pipeline -> {
              try (Tensor inputs = PipelineRanks.inputs(8);
                  Tensor targets = PipelineRanks.targets(6)) {
                assertThatThrownBy(() -> pipeline.step(inputs, targets))
                    .hasMessageContaining("The inputs have 8 rows but the targets 6");
              }
              return true;
            });
  }

  @ParameterizedTest
  @MethodSource("schedules")
  void executedOrderIsThePlanAndKeepsNoMoreThanItsPeak(String schedule) {
    List<List<Action>> executed = List.of(new ArrayList<>(), new ArrayList<>());
    ThreadLocal<List<Action>> mine = ThreadLocal.withInitial(ArrayList::new);
    List<PipelineSchedule> plans =
        ranks(schedule, 6)
            .run(
                pipeline -> {
                  step(pipeline, 12);
                  int rank = pipeline.hasFirstStage() ? 0 : 1;
                  executed.get(rank).addAll(mine.get());
                  int planned =
                      Simulator.simulate(
                              pipeline.schedule(), CostModel.unit(pipeline.schedule().numStages()))
                          .peakActivations()
                          .get(rank);
                  assertThat(pipeline.peakLive()).isLessThanOrEqualTo(planned);
                  return pipeline.schedule();
                },
                (action, begin, end) -> mine.get().add(action));
    for (int rank = 0; rank < 2; rank++) {
      assertThat(
              executed.get(rank).stream()
                  .filter(action -> action.type().isCompute())
                  .filter(action -> action.type() != ActionType.OVERLAP_F_B)
                  .toList())
          .isEqualTo(
              plans.get(0).ranks().get(rank).stream()
                  .flatMap(a -> a.parts().isEmpty() ? Stream.of(a) : a.parts().stream())
                  .toList());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0F0,0F1,0B0,0B1\n1F0,1B0,1F1,1B1\n",
        "0F0,,0F1,0I1,0I0,0W0,0W1\n,1F1,1F0,1I1,1I0,1W1,1W0\n",
      })
  void schedulesWrittenAsCsvRun(String csv) {
    assertThat(ScheduleCsv.parseComputeOnly(csv).numMicrobatches()).isEqualTo(2);
    double expected = Arrays.stream(lossesOf("1f1b", 2)).sum();
    PipelineOptions options = PipelineOptions.ofCsv(csv, 2).withActivationType(ScalarType.Double);
    List<double[]> losses =
        new PipelineRanks(2, 2, options, PipelineRanks.SUM).run(pipeline -> step(pipeline, 8));
    assertThat(Arrays.stream(losses.get(1)).sum()).isCloseTo(expected, within(ROUNDING * 100));
  }

  private static double[] lossesOf(String schedule, int microbatches) {
    return ranks(schedule, microbatches).run(pipeline -> step(pipeline, 8)).get(1);
  }

  @Test
  void stagesThatDoNotDivideAreRefused() {
    PipelineRanks ranks =
        new PipelineRanks(2, 3, PipelineOptions.of("interleaved1f1b", 4), PipelineRanks.SUM);
    assertThatThrownBy(() -> ranks.run(pipeline -> true))
        .hasStackTraceContaining("The model's 3 stages must be divisible by the 2 pipeline ranks");
  }
}
