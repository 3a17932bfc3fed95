package dev.penstock.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.datasets.TestingData;
import dev.penstock.engine.comm.RankAddress;
import dev.penstock.engine.comm.loopback.LoopbackRendezvous;
import dev.penstock.engine.train.RankInputs;
import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.RankTrainer;
import dev.penstock.engine.train.StepReport;
import dev.penstock.spark.params.EngineConfigs;
import dev.penstock.spark.params.RunFacts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Loss weights on their way from a column to the losses. */
@Timeout(300)
class WeightColTest {
  private static final Offset<Double> ROUNDING = within(1e-6);
  private static final Column LENGTH = length(col("text"));

  @TempDir Path folder;

  private CausalLMTrainer trainer;

  @BeforeEach
  void makeTrainer() {
    trainer = TestModels.trainer(folder).setOverwriteOutput(true);
  }

  @Test
  void equalWeightsChangeNothing() {
    double[] unweighted = trainer.fit(TestModels.verses()).summary().objectiveHistory();
    trainer.setWeightCol("weight");
    assertThat(losses(lit(1))).containsExactly(unweighted, ROUNDING);
    assertThat(losses(lit(3.7))).containsExactly(unweighted, ROUNDING);

    trainer.setDocumentMask(true);
    double[] masked = losses(lit(3.7));
    trainer.clear(trainer.weightCol());
    assertThat(masked).containsExactly(losses(lit(3.7)), ROUNDING);
  }

  @Test
  void lossesAreThoseOfTheEngineWithTheseWeights() {
    trainer.setWeightCol("weight").setValidationIndicatorCol("held").setValidationInterval(2);
    Dataset<Row> frame =
        TestModels.verses()
            .withColumn("weight", LENGTH.mod(lit(7)).plus(lit(1)).divide(lit(4)))
            .withColumn("held", LENGTH.mod(lit(5)).equalTo(lit(0)));
    TrainingSummary summary = trainer.fit(frame).summary();

    RankResult engine = trainOnOneRank();
    assertThat(summary.objectiveHistory())
        .containsExactly(engine.steps().stream().mapToDouble(StepReport::loss).toArray(), ROUNDING);
    double[] validation =
        engine.validations().stream().mapToDouble(report -> report.loss()).toArray();
    assertThat(summary.validationHistory()).containsExactly(validation, ROUNDING);
    assertThat(summary.perplexity()).isEqualTo(Math.exp(summary.validationHistory()[2]));

    trainer.clear(trainer.weightCol());
    TrainingSummary unweighted = trainer.fit(frame).summary();
    assertThat(unweighted.objectiveHistory()[0])
        .isNotCloseTo(summary.objectiveHistory()[0], ROUNDING);
    assertThat(unweighted.validationHistory()[0])
        .isNotCloseTo(summary.validationHistory()[0], ROUNDING);
  }

  @Test
  void rowsOfWeightZeroAreAsGoodAsNotThere() {
    trainer.setWeightCol("weight");
    Column even = LENGTH.mod(lit(2)).equalTo(lit(0));
    Dataset<Row> zeros =
        TestModels.verses().withColumn("weight", when(even, lit(2)).otherwise(lit(0)));
    TrainingSummary with = trainer.fit(zeros).summary();
    TrainingSummary without = trainer.fit(zeros.filter(even)).summary();

    assertThat(with.objectiveHistory()).isEqualTo(without.objectiveHistory());
    assertThat(with.numRows()).isEqualTo(200);
    assertThat(with.numZeroWeightRows()).isEqualTo(200 - without.numRows());
    assertThat(with.numNullWeightRows()).isZero();
    assertThat(with.numTokens()).isEqualTo(without.numTokens());
  }

  private double[] losses(Column weight) {
    return trainer
        .fit(TestModels.verses().withColumn("weight", weight))
        .summary()
        .objectiveHistory();
  }

  /** The same texts and weights without Spark. */
  private RankResult trainOnOneRank() {
    trainer.setPpSize(1);
    Predicate<String> held = text -> text.length() % 5 == 0;
    PackedByHand training = packed(held.negate());
    RankInputs inputs =
        new RankInputs(
            training,
            null,
            null,
            report -> {},
            1,
            Duration.ofSeconds(60),
            EngineConfigs.validationConfig(trainer).orElseThrow(),
            packed(held),
            0,
            null);
    return new RankTrainer(
            EngineConfigs.trainingConfig(
                trainer, new RunFacts(TestModels.CONFIG, null, null, training.numRows())),
            LoopbackRendezvous.create(1).get(0),
            new RankAddress("127.0.0.1", "this", "cpu"),
            inputs)
        .train();
  }

  private static PackedByHand packed(Predicate<String> kept) {
    List<String> texts = TestingData.verses().stream().filter(kept).toList();
    return PackedByHand.of(texts, text -> (text.length() % 7 + 1) / 4f);
  }
}
