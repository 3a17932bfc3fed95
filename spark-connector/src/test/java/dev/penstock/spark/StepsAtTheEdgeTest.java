package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.penstock.spark.barrier.TrainingFailedException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class StepsAtTheEdgeTest {
  private static final double ROUNDING = 2e-5;

  @TempDir Path folder;

  @Test
  void runThatEndsByALossThatIsNotFiniteTellsHowFarItCame() {
    List<String> lines = new CopyOnWriteArrayList<>();
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setLearningRate(1e30)
            .setProgressInterval(1)
            .setProgressLines(lines::add);
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("step 2: The loss is ")
        .hasMessageNotContainingAny("intact");
    assertThat(lines).hasSize(1);
    assertThat(lines.get(0)).startsWith("step 1/6  loss 8.");
  }

  @Test
  void stepWithoutCountedTokensIsCountedAndEndsNothing() {
    Dataset<Row> texts = TestSpark.texts("In the beginning", "was the word", "and more");
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setPpSize(1)
            .setPpMicrobatchSize(1)
            .setGlobalBatchSize(1)
            .setOverwriteOutput(true);
    int tokens = (int) trainer.setMaxSteps(1).fit(texts).summary().numTokens();
    trainer.clear(trainer.maxSteps());
    TrainingSummary summary = trainer.setSeqLength(tokens - 1).setNumEpochs(1).fit(texts).summary();
    assertThat(summary.numSequences()).isEqualTo(2);
    assertThat(summary.totalIterations()).isEqualTo(2);
    assertThat(summary.numEmptySteps()).isEqualTo(1);
    assertThat(summary.objectiveHistory()).contains(0.0);
    assertThat(summary.perplexity()).isGreaterThan(100);
  }

  @Test
  void dropoutIsForTrainingAndRepeatsItselfOnAnyLayout() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(3).setOverwriteOutput(true);
    double[] plain = trainer.fit(TestModels.verses()).summary().objectiveHistory();
    trainer.setModelConfig(TestModels.CONFIG.replaceFirst("\\{", "{\"attention_dropout\": 0.2, "));
    CausalLMModel model = trainer.fit(TestModels.verses());
    double[] dropped = model.summary().objectiveHistory();
    assertThat(dropped).isNotEqualTo(plain);
    Dataset<Row> few = TestModels.verses().limit(2);
    assertThat(model.transform(few).collectAsList())
        .isEqualTo(model.transform(few).collectAsList());
    assertThat(trainer.setPpSize(1).fit(TestModels.verses()).summary().objectiveHistory())
        .containsExactly(dropped, within(ROUNDING));
    assertThat(trainer.setDropout(0).fit(TestModels.verses()).summary().objectiveHistory())
        .containsExactly(plain, within(ROUNDING));
  }
}
