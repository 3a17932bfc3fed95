package dev.penstock.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.engine.config.ConfigException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class ValidationTest {
  private static final double ROUNDING = 1e-4;
  private static final Column HELD_OUT = length(col("text")).mod(lit(5)).equalTo(lit(0));

  @TempDir Path folder;

  @Test
  void heldOutRowsAreValidatedOnAndNeverTrainedOn() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    CausalLMTrainer trainer = TestModels.trainer(folder).setOverwriteOutput(true);
    double[] without =
        trainer
            .fit(TestModels.verses().filter(HELD_OUT.unary_$bang()))
            .summary()
            .objectiveHistory();

    trainer.setValidationIndicatorCol("held").setValidationInterval(2);
    CausalLMModel model = trainer.setProgressLines(lines::add).fit(frame());

    TrainingSummary summary = model.summary();
    assertThat(summary.objectiveHistory()).isEqualTo(without);
    assertThat(summary.validationSteps()).containsExactly(2, 4, 6);
    double[] losses = summary.validationHistory();
    assertThat(losses).isSortedAccordingTo(Collections.reverseOrder()).hasSize(3);
    assertThat(summary.bestStep()).isEqualTo(6);
    assertThat(summary.perplexity()).isCloseTo(Math.exp(losses[2]), within(ROUNDING));
    assertThat(lines).filteredOn(line -> line.contains("validation loss")).hasSize(3);
    assertThat(model.transform(frame()).count()).isEqualTo(200);
  }

  @Test
  void layoutChangesNothingButRounding() {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setOverwriteOutput(true)
            .setMaxSteps(2)
            .setValidationIndicatorCol("held");
    double one = trainer.setPpSize(1).fit(frame()).summary().validationHistory()[0];
    double four = trainer.setPpSize(2).setDpSize(2).fit(frame()).summary().validationHistory()[0];
    assertThat(four).isCloseTo(one, within(ROUNDING));
  }

  @Test
  void fitEndsWhenTheLossGetsNoLowerAndTheBestWeightsAreSaved() {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    TrainingSummary summary =
        TestModels.trainer(folder)
            .setMaxSteps(200)
            .setLearningRate(0.5)
            .setLrDecayStyle("constant")
            .setLrWarmupSteps(0)
            .setValidationIndicatorCol("held")
            .setValidationInterval(1)
            .setEarlyStoppingPatience(3)
            .setRestoreBestModel(true)
            .setTimelineSteps(1)
            .setProgressLines(lines::add)
            .fit(frame())
            .summary();

    assertThat(summary.totalIterations()).isLessThan(200);
    assertThat((long) summary.totalIterations()).isEqualTo(summary.bestStep() + 3);
    double best = Arrays.stream(summary.validationHistory()).min().orElseThrow();
    assertThat(summary.perplexity()).isCloseTo(Math.exp(best), within(Math.exp(best) * ROUNDING));
    assertThat(lines).last().asString().startsWith("ended after step");
    assertThat(summary.timelinePath()).isPresent();
    assertThat(folder.resolve("model/timeline/trace.json")).content().contains("\"name\":\"1B3\"");
  }

  @Test
  void withoutValidationPerplexityIsThatOfTheLastStep() {
    TrainingSummary summary =
        TestModels.trainer(folder).setMaxSteps(1).fit(TestModels.verses()).summary();
    assertThat(summary.perplexity())
        .isCloseTo(Math.exp(summary.objectiveHistory()[0]), within(ROUNDING));
    assertThat(summary.validationHistory()).isEmpty();
    assertThat(summary.bestStep()).isZero();
  }

  @Test
  void rowsToValidateOnMustBeThere() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setValidationIndicatorCol("held");
    assertThatThrownBy(() -> trainer.fit(TestModels.verses().withColumn("held", lit(false))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("no text in any of 0 rows where 'held' (validationIndicatorCol)");
    assertThatThrownBy(() -> trainer.fit(TestModels.verses().withColumn("held", lit(true))))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("true in all 200 rows: all are validated on, none is left");
  }

  /** The verses, some held out; null where false would do as well. */
  private static Dataset<Row> frame() {
    return TestModels.verses().withColumn("held", when(HELD_OUT, lit(true)));
  }
}
