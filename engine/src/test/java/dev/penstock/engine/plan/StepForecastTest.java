package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.DecoderTensors;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A device whose modules were measured: embedding and norm 1 s, a layer 10 s, the head 5 s. */
class StepForecastTest {
  private static final double ROUNDING = 1e-9;
  private static final int MICROBATCHES = 8;
  private static final Forecast.Extras NOTHING = new Forecast.Extras(null, false);

  /** Forward, input and weight of all modules for a microbatch: 4 x 10 + 2 x 1 + 5. */
  private static final double MICROBATCH = 47;

  private static final String MODEL =
      """
      {"model_type": "llama", "vocab_size": 100, "hidden_size": 16, "num_hidden_layers": 4,
       "num_attention_heads": 2, "num_key_value_heads": 2, "intermediate_size": 32,
       "max_position_embeddings": 64, "rms_norm_eps": 1e-5, "tie_word_embeddings": false}
      """;

  private static TrainingConfig run(int ppSize, int microbatchSize) {
    return new TrainingConfig(
        MODEL,
        new ParallelConfig(ppSize, 1),
        new BatchConfig(MICROBATCHES * microbatchSize, microbatchSize, 32),
        new ScheduleConfig("GPipe", null, null, null, "layers", List.of()),
        OptimizerConfig.adamW(1e-4),
        LrScheduleConfig.constant(),
        1,
        0);
  }

  private static ModuleTime time(String module) {
    return switch (module) {
      case DecoderTensors.EMBEDDING, DecoderTensors.FINAL_NORM ->
          new ModuleTime(module, 0.5, 0.25, 0.25);
      case DecoderTensors.HEAD -> new ModuleTime(module, 4, 1, 0);
      default ->
          module.endsWith(".mlp")
              ? new ModuleTime(module, 2, 2.5, 2)
              : new ModuleTime(module, 1, 1.5, 1);
    };
  }

  private static DeviceProfile measured(TrainingConfig run) {
    TrainingPlan plan = TrainingPlan.of(run);
    List<ModuleTime> times =
        new DecoderTensors(plan.spec()).parts().stream().map(StepForecastTest::time).toList();
    return DeviceProfile.cpu(1, 1L << 40, 1e9, 1e9, "a test")
        .measured(new MeasuredModules(plan, times), 1e12);
  }

  private static StepForecast forecast(TrainingConfig run, DeviceProfile device) {
    return Forecast.of(TrainingPlan.of(run), device, NOTHING).step();
  }

  @Test
  void oneRankTakesTheSumOfItsModules() {
    TrainingConfig run = run(1, 1);
    assertThat(forecast(run, measured(run)).pipelineSeconds())
        .isCloseTo(MICROBATCHES * MICROBATCH, within(ROUNDING));
  }

  @Test
  void layersThatRunAgainTakeTheirForwardTimeOnceMore() {
    TrainingConfig run =
        run(1, 1).withCompute(ComputeConfig.DEFAULT.withRecompute(new Recompute(3)));
    assertThat(forecast(run, measured(run)).pipelineSeconds())
        .isCloseTo(MICROBATCHES * (MICROBATCH + 3 * 3), within(ROUNDING));
  }

  @Test
  void ranksTakeTheirStagesAndWait() {
    TrainingConfig run = run(2, 1);
    StepForecast step = forecast(run, measured(run));
    assertThat(step.simulation().busy().stream().mapToDouble(busy -> busy).sum())
        .isCloseTo(MICROBATCHES * MICROBATCH, within(ROUNDING));
    assertThat(step.pipelineSeconds()).isGreaterThan(MICROBATCHES * MICROBATCH / 2);
    assertThat(step.bubble()).isBetween(0.01, 0.5);
  }

  @Test
  void otherMicrobatchesAreScaledByTheirOperations() {
    DeviceProfile device = measured(run(1, 1));
    assertThat(forecast(run(1, 2), device).pipelineSeconds())
        .isCloseTo(2 * MICROBATCHES * MICROBATCH, within(ROUNDING));
  }
}
