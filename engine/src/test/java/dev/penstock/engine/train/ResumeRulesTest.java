package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.config.ComputeConfig;
import dev.penstock.engine.config.LoraConfig;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.config.Recompute;
import dev.penstock.engine.config.ScheduleConfig;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ResumeRulesTest {
  private static final TrainingConfig CONFIG =
      new TestingRun(2, 1, "1f1b", 2).config(true).withLora(LoraConfig.of("q_proj"));
  private static final ValidationConfig VALIDATION = new ValidationConfig(2, 0, false);

  @Test
  void layoutAndEndMayDiffer() {
    TrainingConfig other =
        new TrainingConfig(
                CONFIG.modelConfigJson(),
                new ParallelConfig(1, 2),
                new TestingRun(1, 2, "gpipe", 1).config(true).batch(),
                ScheduleConfig.named("gpipe"),
                CONFIG.optimizer().withShardState(true),
                CONFIG.lrSchedule(),
                99,
                CONFIG.seed())
            .withSteps(StepConfig.ofEpochs(4))
            .withLora(CONFIG.lora())
            .withCompute(ComputeConfig.DEFAULT.withRecompute(Recompute.FULL));
    assertThat(ResumeRules.decisive(other, VALIDATION))
        .isEqualTo(ResumeRules.decisive(CONFIG, VALIDATION));
    assertThat(ResumeRules.free(CONFIG))
        .containsEntry("parallel.ppSize", "2")
        .containsEntry("schedule.ppSchedule", "1f1b")
        .containsEntry("batch.microbatchSize", "2");
  }

  @Test
  void allElseDecides() {
    assertThat(ResumeRules.decisive(CONFIG, VALIDATION))
        .containsKeys(
            "modelConfigJson",
            "batch.globalBatchSize",
            "batch.seqLength",
            "optimizer.kind",
            "optimizer.learningRate",
            "optimizer.weightDecay.end",
            "optimizer.clipping.maxGradNorm",
            "lrSchedule.decaySteps",
            "compute.precision",
            "compute.documentMask",
            "lora.rank",
            "lora.dropout",
            "validation.everySteps",
            "seed");
  }

  @Test
  void whatMayDifferIsDocumented() throws IOException {
    String docs = Files.readString(Path.of("../docs/checkpoints.md"));
    assertThat(ResumeRules.MAY_DIFFER)
        .allSatisfy(setting -> assertThat(docs).contains("`" + setting + "`"));
  }

  @Test
  void everySettingIsOneOrTheOther() {
    Set<String> both = new HashSet<>(ResumeRules.decisive(CONFIG, VALIDATION).keySet());
    both.retainAll(ResumeRules.free(CONFIG).keySet());
    assertThat(both).isEmpty();
  }
}
