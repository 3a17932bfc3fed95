package dev.penstock.spark;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.torch.Processor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the Params of the recipe do to a fit, and what they leave as it is. */
@Timeout(300)
class RecipeTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-4);

  /** 1F1B of two ranks and four microbatches. */
  private static final String CSV =
      """
      0F0,0F1,,0B0,0F2,0B1,0F3,0B2,,0B3
      ,1F0,1B0,1F1,1B1,1F2,1B2,1F3,1B3,
      """;

  @TempDir Path folder;

  @Test
  void whatSavesMemoryOrChangesTheScheduleLeavesTheLosses() throws Exception {
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(3).setOverwriteOutput(true);
    double[] plain = losses(trainer);

    TrainingSummary recomputed =
        trainer.setLocalBatchSize(4).setRecompute("full").fit(TestModels.verses()).summary();
    assertThat(recomputed.objectiveHistory()).containsExactly(plain, ROUNDING);
    assertThat(savedByRecompute(recomputed)).isPositive();
    trainer.clear(trainer.localBatchSize());
    assertThat(losses(trainer.setDpSize(2).setShardOptimizerState(true).setRecompute("1")))
        .containsExactly(plain, ROUNDING);
    Path csv = Files.writeString(folder.resolve("schedule.csv"), CSV);
    trainer.setDpSize(1).setShardOptimizerState(false).setPpScheduleCsv(csv.toUri().toString());
    assertThat(losses(trainer)).containsExactly(plain, ROUNDING);
    assertThat(losses(trainer.setPpScheduleCsv(CSV))).containsExactly(plain, ROUNDING);
  }

  @Test
  void stagesAreCutAsTheyAreNamed() {
    CausalLMModel model =
        TestModels.trainer(folder)
            .setMaxSteps(1)
            .setModuleNamesPerStage(
                """
                [["model.embed_tokens", "model.rotary_emb", "model.layers.0"],
                 ["model.layers.1", "model.layers.2", "model.layers.3", "model.norm",
                  "model.rotary_emb", "lm_head"]]
                """)
            .fit(TestModels.verses());
    assertThat(model.summary().stageTable().lines())
        .anyMatch(line -> line.contains("model.embed_tokens") && !line.contains("layers.1"));
  }

  /**
   * Scoring takes each text alone, so only a mask makes validation on packed texts agree with it.
   */
  @Test
  void maskedTextsAreValidatedAsTheyAreScored() {
    Dataset<Row> few =
        TestSpark.texts("In the beginning<|eot|>", "Jesus wept.<|eot|>", "And God said<|eot|>");
    Dataset<Row> frame =
        TestModels.verses().withColumn("held", lit(false)).union(few.withColumn("held", lit(true)));
    CausalLMTrainer trainer =
        TestModels.trainer(folder).setValidationIndicatorCol("held").setOverwriteOutput(true);
    CausalLMModel masked = trainer.setDocumentMask(true).fit(frame);
    Row score =
        masked
            .transform(few)
            .selectExpr("sum(nll * numTokens) / sum(numTokens)", "sum(numTokens)")
            .first();
    assertThat(score.getLong(1)).isBetween(9L, TestModels.SEQ_LENGTH - 3L);
    assertThat(masked.summary().validationHistory()[0]).isCloseTo(score.getDouble(0), ROUNDING);

    double[] unmasked = trainer.setDocumentMask(false).fit(frame).summary().validationHistory();
    assertThat(unmasked[0]).isNotCloseTo(score.getDouble(0), ROUNDING);
  }

  @Test
  void optimizerPrecisionAndDecayAreTheOnesThatWereSet() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(3).setOverwriteOutput(true);
    double[] adamW = losses(trainer);

    double[] sgd = losses(trainer.setOptimizer("sgd").setMomentum(0.9).setLearningRate(1e-3));
    assertThat(sgd[0]).isCloseTo(adamW[0], ROUNDING);
    assertThat(sgd[2]).isGreaterThan(adamW[2] + 0.01);

    trainer.clear(trainer.momentum());
    trainer.setOptimizer("adam").setLearningRate(1e-2);
    trainer.setWdIncrStyle("linear").setStartWeightDecay(0).setEndWeightDecay(0.1);
    trainer.setNoDecayPatterns(new String[] {"norm"}).setGradNormType(Double.POSITIVE_INFINITY);
    double[] adam = losses(trainer);
    assertThat(adam[0]).isCloseTo(adamW[0], ROUNDING);

    trainer.setPrecision("bf16");
    if (Processor.ofThisMachine().multipliesBfloat16()) {
      double[] bf16 = losses(trainer);
      assertThat(bf16[0]).isCloseTo(adamW[0], Offset.offset(0.05)).isNotEqualTo(adamW[0]);
      assertThat(bf16[2]).isCloseTo(adam[2], Offset.offset(0.05));
    } else {
      assertThatThrownBy(() -> losses(trainer))
          .isInstanceOf(ConfigException.class)
          .hasMessageContainingAll("precision is bfloat16", "Set precision");
    }
  }

  @Test
  void epochsEndTheRunAndSetTheLearningRate() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setNumEpochs(2).setGlobalBatchSize(64);
    trainer.clear(trainer.maxSteps());
    TrainingSummary summary = trainer.fit(TestModels.verses()).summary();

    long steps = (2 * summary.numSequences() + 63) / 64;
    assertThat(summary.totalIterations()).isEqualTo((int) steps);
    double[] rates = summary.learningRateHistory();
    assertThat(rates[rates.length - 1]).isLessThan(2e-3);

    trainer.setLrWarmupSteps(1000).setOverwriteOutput(true);
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("lrDecaySteps (%d)", steps);
  }

  @Test
  void weightsAreSavedAsWanted() throws Exception {
    CausalLMModel model =
        TestModels.trainer(folder)
            .setMaxSteps(1)
            .setSaveDtype("bfloat16")
            .setMaxShardBytes(100_000)
            .fit(TestModels.verses());
    assertThat(folder.resolve("model/model.safetensors.index.json")).exists();
    assertThat(Files.readString(folder.resolve("model/config.json")))
        .contains("\"dtype\" : \"bfloat16\"");
    assertThat(model.transform(TestModels.verses()).first().<Double>getAs("nll")).isPositive();
  }

  @Test
  void timelineIsDrawnBesideItsPlan() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(4).setLocalBatchSize(4);
    TrainingSummary summary =
        trainer.setDpSize(2).setTimelineSteps(2).fit(TestModels.verses()).summary();

    Path timeline = Path.of(java.net.URI.create(summary.timelinePath().orElseThrow()));
    assertThat(timeline).isEqualTo(folder.resolve("model/timeline"));
    assertThat(timeline.resolve("trace.json")).content().contains("\"name\":\"1B1\"");
    assertThat(timeline.resolve("timeline.svg")).content().contains("Planned: ", "Measured: ");
    assertThat(timeline.resolve("timeline.png")).isNotEmptyFile();

    trainer.setTimelineSteps(0).setOverwriteOutput(true).setMaxSteps(1);
    assertThat(trainer.fit(TestModels.verses()).summary().timelinePath()).isEmpty();
    assertThat(timeline).doesNotExist();
  }

  /** Megabytes of the first rank. */
  private static double savedByRecompute(TrainingSummary summary) {
    String[] row = summary.memoryTable().lines().skip(1).findFirst().orElseThrow().split(" +");
    return Double.parseDouble(row[row.length - 2]);
  }

  private static double[] losses(CausalLMTrainer trainer) {
    return trainer.fit(TestModels.verses()).summary().objectiveHistory();
  }
}
