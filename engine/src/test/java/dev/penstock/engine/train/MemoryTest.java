package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.comm.loopback.LoopbackTransport;
import dev.penstock.engine.config.BatchConfig;
import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LrScheduleConfig;
import dev.penstock.engine.config.OptimizerConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.model.TokenCrossEntropy;
import dev.penstock.engine.model.WeightInitializer;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.RowSplit;
import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.torch.Threads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.UUID;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Memory of the whole process: other things than tensors move it a little. */
class MemoryTest {
  private static final long MIB = 1 << 20;
  private static final int MICROBATCHES = 6;
  private static final int ROWS = 4;
  private static final int LENGTH = 256;
  private static final int VOCABULARY = 512;
  private static final String MODEL =
      String.format(
          Locale.ROOT,
          """
      {"model_type": "llama", "vocab_size": %d, "hidden_size": 128, "num_hidden_layers": 4,
       "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 344,
       "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "tie_word_embeddings": false}
      """,
          VOCABULARY);

  private static TrainingPlan plan(Recompute recompute) {
    return TrainingPlan.of(
        new TrainingConfig(
                MODEL,
                new ParallelConfig(1, 1),
                new BatchConfig(ROWS * MICROBATCHES, ROWS, LENGTH),
                ScheduleConfig.named("gpipe"),
                OptimizerConfig.adamW(1e-3),
                LrScheduleConfig.constant(),
                1,
                0)
            .withCompute(ComputeConfig.DEFAULT.withRecompute(recompute)));
  }

  /** What all but the first of the microbatches in flight add to the process. */
  private static long activationsOfMicrobatches(TrainingPlan plan) {
    List<Long> afterForward = new ArrayList<>();
    ProcessGrid grid = new ProcessGrid(1, 1);
    String runId = UUID.randomUUID().toString();
    Threads.configure(1);
    try (Transport transport = LoopbackTransport.join(runId, 0, 1, Duration.ofSeconds(10));
        RankStages stages =
            RankStages.create(
                plan,
                grid,
                transport,
                RankStages.cpu(),
                new TokenCrossEntropy(),
                (action, begin, end) -> observe(action, afterForward));
        PointerScope scope = new PointerScope()) {
      new WeightInitializer(0, 0.02).fill(stages.model().arena());
      stages
          .runtime()
          .step(
              new BatchExchange(transport, 0, 0, "cpu")
                  .distribute(batch(), RowSplit.sizes(ROWS * MICROBATCHES, MICROBATCHES), LENGTH));
    }
    return afterForward.get(MICROBATCHES - 1) - afterForward.get(0);
  }

  private static void observe(Action action, List<Long> afterForward) {
    if (action.type() == ActionType.F) {
      afterForward.add(ProcessMemory.residentBytes());
    }
  }

  private static TokenBatch batch() {
    int[] ids = new Random(0).ints(ROWS * MICROBATCHES * LENGTH, 0, VOCABULARY).toArray();
    return new TokenBatch(ROWS * MICROBATCHES, LENGTH, ids, ids);
  }

  @Test
  void recomputationSavesMostActivationsAndTheEstimateKnows() {
    TrainingPlan recomputed = plan(Recompute.FULL);
    TrainingPlan plain = plan(Recompute.NONE);
    // Recomputed first: memory that a process has freed does not all go back to the system.
    long small = activationsOfMicrobatches(recomputed);
    long large = activationsOfMicrobatches(plain);
    assertThat(small).isLessThan(large / 3);

    long expected = MemoryEstimate.of(plain).get(0).activationBytes();
    long perMicrobatch = large / (MICROBATCHES - 1);
    assertThat(expected / (double) (MICROBATCHES * perMicrobatch)).isBetween(0.8, 1.4);
    MemoryEstimate less = MemoryEstimate.of(recomputed).get(0);
    assertThat(less.activationBytes()).isLessThan(expected / 2);
    assertThat(less.activationBytes() + less.recomputeSavedBytes()).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void memoryIsFlatOverManySteps(boolean documentMask) {
    List<Long> resident = new ArrayList<>();
    TrainingConfig config =
        new TestingRun(2, 1, "zbvzerobubble", 4)
            .config(true)
            .withSteps(StepConfig.ofMaxSteps(500))
            .withCompute(ComputeConfig.DEFAULT.withDocumentMask(documentMask));
    TestingRun.train(
        config,
        (step, first, rows) -> {
          if (step % 50 == 49) {
            System.gc();
            resident.add(ProcessMemory.residentBytes());
          }
          return TestingRun.rows(step, first, rows).withDocumentStarts(documentStarts(step));
        },
        null);
    assertThat(median(resident.subList(7, 10)) - median(resident.subList(0, 3)))
        .as("resident bytes every 50 steps: %s", resident)
        .isLessThan(24 * MIB);
  }

  /** Other documents in every step. */
  private static BitSet documentStarts(long step) {
    BitSet starts = new BitSet();
    new Random(step).ints(20, 0, TestingRun.ROWS * TestingRun.LENGTH).forEach(starts::set);
    return starts;
  }

  private static long median(List<Long> three) {
    return three.stream().sorted().toList().get(1);
  }

  @Test
  void everyStepReportsThePeakOfEveryRank() {
    List<RankResult> results =
        TestingRun.train(new TestingRun(2, 1, "1f1b", 2).config(true), TestingRun::rows, null);
    for (RankResult result : results) {
      assertThat(result.peakNativeBytes()).isGreaterThan(result.estimate().totalBytes());
      for (StepReport step : result.steps()) {
        assertThat(step.peakBytes()).isGreaterThan(MIB);
      }
    }
  }
}
