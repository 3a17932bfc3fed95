package dev.penstock.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.OptimizerKind;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Precision;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryEstimateTest {
  private static final int LENGTH = 16;
  private static final String MODEL =
      """
      {"model_type": "llama", "vocab_size": 97, "hidden_size": 32, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 48,
       "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "tie_word_embeddings": false}
      """;

  private static TrainingConfig config(int ppSize, String schedule, OptimizerConfig optimizer) {
    return new TrainingConfig(
        MODEL,
        new ParallelConfig(ppSize, 2),
        new BatchConfig(16, 1, LENGTH),
        ScheduleConfig.named(schedule),
        optimizer,
        LrScheduleConfig.constant(),
        1,
        0);
  }

  private static List<MemoryEstimate> estimates(TrainingConfig config) {
    return MemoryEstimate.of(TrainingPlan.of(config));
  }

  /** Weights of the model, four bytes each. */
  private static long modelBytes() {
    return 4
        * TrainingPlan.of(config(1, "gpipe", OptimizerConfig.adamW(1))).stages().stream()
            .mapToLong(StageSummary::parameters)
            .sum();
  }

  @Test
  void eachOptimizerKeepsItsMoments() {
    OptimizerConfig adamW = OptimizerConfig.adamW(1);
    MemoryEstimate estimate = estimates(config(1, "gpipe", adamW)).get(0);
    assertThat(estimate.weightBytes()).isEqualTo(modelBytes());
    assertThat(estimate.gradientBytes()).isEqualTo(modelBytes());
    assertThat(estimate.momentBytes()).isEqualTo(2 * modelBytes());
    assertThat(estimates(config(1, "gpipe", adamW.withShardState(true))).get(0).momentBytes())
        .isEqualTo(modelBytes());
    OptimizerConfig sgd = adamW.withKind(OptimizerKind.SGD, 0);
    assertThat(estimates(config(1, "gpipe", sgd)).get(0).momentBytes()).isZero();
  }

  @Test
  void checkpointIsACopyOfWhatTheReplicasShareOut() {
    TrainingPlan plan = TrainingPlan.of(config(1, "gpipe", OptimizerConfig.adamW(1)));
    MemoryEstimate without = MemoryEstimate.of(plan).get(0);
    MemoryEstimate with = MemoryEstimate.of(plan, null, true, false).get(0);
    int replicas = plan.config().parallel().dpSize();
    assertThat(without.checkpointBytes()).isZero();
    assertThat(with.checkpointBytes()).isEqualTo(3 * modelBytes() / replicas);
    assertThat(with.totalBytes() - without.totalBytes()).isEqualTo(with.checkpointBytes());
    ValidationConfig best = new ValidationConfig(1, 0, true);
    MemoryEstimate withBest = MemoryEstimate.of(plan, best, true, false).get(0);
    assertThat(withBest.checkpointBytes()).isEqualTo(4 * modelBytes() / replicas);
    assertThat(withBest.weightBytes()).isEqualTo(2 * modelBytes());
  }

  @Test
  void ranksShareTheModel() {
    List<MemoryEstimate> ranks = estimates(config(4, "1f1b", OptimizerConfig.adamW(1)));
    assertThat(ranks).extracting(MemoryEstimate::ppRank).containsExactly(0, 1, 2, 3);
    assertThat(ranks.stream().mapToLong(MemoryEstimate::weightBytes).sum()).isEqualTo(modelBytes());
  }

  @Test
  void microbatchesInFlightAreThoseOfTheSchedule() {
    OptimizerConfig adamW = OptimizerConfig.adamW(1);
    List<MemoryEstimate> all = estimates(config(2, "gpipe", adamW));
    List<MemoryEstimate> few = estimates(config(2, "1f1b", adamW));
    // Eight microbatches against two on the first rank, and what passes beside them.
    assertThat(all.get(0).activationBytes()).isGreaterThan(3 * few.get(0).activationBytes());
    assertThat(few.get(0).recomputeSavedBytes()).isZero();
  }

  @Test
  void halfPrecisionHalvesActivationsAndKeepsExactValues() {
    TrainingConfig config = config(1, "gpipe", OptimizerConfig.adamW(1));
    ComputeConfig half = ComputeConfig.DEFAULT.withPrecision(Precision.BFLOAT16);
    MemoryEstimate rounded = estimates(config.withCompute(half)).get(0);
    MemoryEstimate exact = estimates(config).get(0);
    // Within attention all is float32 on CPUs, and projections are there in both types.
    assertThat(rounded.activationBytes())
        .isBetween(exact.activationBytes() / 2, exact.activationBytes());
    assertThat(onGpu(config.withCompute(half)).activationBytes())
        .isEqualTo(onGpu(config).activationBytes() / 2);
    assertThat(rounded.logitBytes()).isEqualTo(exact.logitBytes() * 3 / 2);
    assertThat(rounded.weightBytes()).isEqualTo(exact.weightBytes() * 3 / 2);
    assertThat(rounded.gradientBytes()).isEqualTo(exact.gradientBytes());
  }

  private static MemoryEstimate onGpu(TrainingConfig config) {
    return MemoryEstimate.of(TrainingPlan.of(config), null, false, true).get(0);
  }

  @Test
  void layersByHandKeepLessThanAutograd() {
    TrainingConfig config = config(1, "gpipe", OptimizerConfig.adamW(1));
    // On GPUs autograd keeps what each of its operators needs.
    assertThat(estimates(config).get(0).activationBytes())
        .isLessThan(onGpu(config).activationBytes() * 4 / 5);
  }

  @Test
  void adaptersAloneHaveGradientsAndMoments() {
    TrainingConfig config = config(2, "1f1b", OptimizerConfig.adamW(1));
    for (MemoryEstimate rank : estimates(config.withLora(LoraConfig.of("q_proj")))) {
      // Two layers a rank: 8 * (32 + 32) weights each.
      assertThat(rank.gradientBytes()).isEqualTo(4 * 2 * 8 * (32 + 32));
      assertThat(rank.momentBytes()).isEqualTo(2 * rank.gradientBytes());
    }
  }
}
