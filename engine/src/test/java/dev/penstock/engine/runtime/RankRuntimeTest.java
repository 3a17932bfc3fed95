package dev.penstock.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.comm.Ranks;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.model.StageModule;
import dev.penstock.engine.model.WeightGradientStore;
import dev.penstock.engine.schedule.ForwardOrder;
import dev.penstock.engine.schedule.Lowering;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Schedules;
import dev.penstock.engine.torch.HostTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RankRuntimeTest {
  private static final int MICROBATCHES = 3;

  /** What a stage of a test computes, with one weight of 1 that it may use. */
  private interface Forward {
    Tensor apply(Tensor input, Tensor weight);
  }

  private static final Forward TIMES_WEIGHT = (input, weight) -> input.mul(weight);

  private static final class Stage implements StageModule {
    private final Forward forward;
    private final Tensor weight = torch.ones(1).set_requires_grad(true).retainReference();
    private final List<Long> passes = new ArrayList<>();

    Stage(Forward forward) {
      this.forward = forward;
    }

    @Override
    public Tensor forward(Tensor input, @Nullable WeightGradientStore weightGradients) {
      passes.add(weightGradients == null ? -1 : weightGradients.pass());
      return forward.apply(input, weight);
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(Parameter.ofLeaf("weight", weight));
    }

    @Override
    public long[] outputShape(long[] inputShape) {
      return inputShape;
    }

    @Override
    public void close() {
      weight.close();
    }
  }

  private interface Body<T> {
    T run(RankRuntime runtime, Stage stage, StepData data);
  }

  private static <T> List<T> run(String schedule, List<Forward> stages, Body<T> body) {
    String id = UUID.randomUUID().toString();
    int size = stages.size();
    return Ranks.run(
        size,
        rank -> LoopbackTransport.join(id, rank, size, Duration.ofSeconds(20)),
        transport -> run(schedule, stages, transport, body));
  }

  private static <T> T run(
      String schedule, List<Forward> stages, Transport transport, Body<T> body) {
    PipelineSchedule order = Schedules.named(schedule).generate(stages.size(), 1, MICROBATCHES);
    try (PointerScope scope = new PointerScope()) {
      Stage stage = new Stage(stages.get(transport.rank()));
      Tensor rows = torch.ones(2, 2);
      List<Tensor> parts = List.of(rows, rows, rows);
      StepData data =
          new StepData(
              List.of(List.of(2L, 2L), List.of(2L, 2L), List.of(2L, 2L)),
              transport.rank() == 0 ? parts : List.of(),
              transport.rank() == stages.size() - 1 ? parts : List.of());
      try (RankRuntime runtime =
          new RankRuntime(
              Lowering.lower(order),
              ForwardOrder.of(order),
              List.of(0, 1),
              transport,
              Map.of(transport.rank(), stage),
              new RankRuntime.StageTypes(ScalarType.Float, "cpu"),
              (output, target) -> output.sum(),
              (action, begin, end) -> {})) {
        return body.run(runtime, stage, data);
      } catch (RuntimeException e) {
        transport.abort(e);
        throw e;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gpipe", "1f1b"})
  void passesAreNumberedByStepAndMicrobatchOnEveryStage(String schedule) {
    List<List<Long>> passes =
        run(
            schedule,
            List.of(TIMES_WEIGHT, TIMES_WEIGHT),
            (runtime, stage, data) -> {
              runtime.step(data);
              runtime.evaluate(data);
              runtime.step(data);
              runtime.resumeAfter(10);
              runtime.step(data);
              return stage.passes;
            });
    assertThat(passes.get(0))
        .containsExactly(0L, 1L, 2L, -1L, -1L, -1L, 3L, 4L, 5L, 30L, 31L, 32L)
        .isEqualTo(passes.get(1));
  }

  @Test
  void stageThatCutsTheGraphSendsZeros() {
    List<Double> gradients =
        run(
            "1f1b",
            List.of(TIMES_WEIGHT, (input, weight) -> input.detach().mul(weight)),
            (runtime, stage, data) -> {
              runtime.step(data);
              return HostTensors.toDoubles(stage.weight.grad())[0];
            });
    assertThat(gradients).containsExactly(0.0, 4.0 * MICROBATCHES);
  }

  @Test
  void stageWithoutAnythingToTrainStillPassesGradientsOn() {
    List<Double> gradients =
        run(
            "1f1b",
            List.of(TIMES_WEIGHT, (input, weight) -> input.mul(input)),
            (runtime, stage, data) -> {
              runtime.step(data);
              Tensor gradient = stage.weight.grad();
              return gradient.defined() ? HostTensors.toDoubles(gradient)[0] : Double.NaN;
            });
    assertThat(gradients).containsExactly(2 * 4.0 * MICROBATCHES, Double.NaN);
  }

  @Test
  void activationsOfAnotherDtypeAreRefusedByName() {
    assertThatThrownBy(
            () ->
                run(
                    "gpipe",
                    List.of((input, weight) -> input.to(ScalarType.Double), TIMES_WEIGHT),
                    (runtime, stage, data) -> runtime.step(data)))
        .hasMessageContaining("stage 0")
        .hasMessageContaining("emits Double, but the stages exchange Float")
        .hasMessageContaining("withActivationType");
  }

  @Test
  void failureOfNativeCodeIsToldWithoutItsFrames() {
    assertThatThrownBy(
            () ->
                run(
                    "gpipe",
                    List.of((input, weight) -> input.matmul(torch.ones(7, 7)), TIMES_WEIGHT),
                    (runtime, stage, data) -> runtime.step(data)))
        .cause()
        .hasMessageContaining("Rank 0, stage 0, microbatch 0, action 0F0 failed: mat1 and mat2")
        .message()
        .doesNotContain("frame #");
  }
}
