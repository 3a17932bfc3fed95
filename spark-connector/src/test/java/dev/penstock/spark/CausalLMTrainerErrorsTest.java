package dev.penstock.spark;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.safetensors.SafetensorsException;
import dev.penstock.spark.barrier.TrainingFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong is said before any job starts. */
@Timeout(300)
class CausalLMTrainerErrorsTest {
  @TempDir Path folder;

  private CausalLMTrainer trainer;

  @BeforeEach
  void makeTrainer() {
    trainer = TestModels.trainer(folder);
  }

  @Test
  void missingColumn() {
    trainer.setInputCol("body");
    assertRefused(TestModels.verses(), "There is no column 'body'", "The columns are: text");
  }

  @Test
  void columnOfAnotherType() {
    assertRefused(
        TestModels.verses().withColumn("text", lit(1)), "'text'", "must be string, but is int");
  }

  @Test
  void outputColumnThatExists() {
    assertRefused(
        TestModels.verses().withColumn("nll", lit(1.0)), "Output column 'nll' already exists");
  }

  @Test
  void pipelineFindsTheErrorBeforeItsFirstStageRuns() {
    Pipeline pipeline = new Pipeline().setStages(new PipelineStage[] {trainer.setInputCol("x")});
    assertThatThrownBy(() -> pipeline.transformSchema(TestModels.verses().schema()))
        .isInstanceOf(ConfigException.class);
  }

  @Test
  void unknownSchedule() {
    trainer.setPpSchedule("2f2b");
    assertRefused("2f2b", "1F1B");
  }

  @Test
  void moreStagesThanLayers() {
    trainer.setPpSize(5).setGlobalBatchSize(10);
    assertRefused("5", "4");
  }

  @Test
  void batchThatDoesNotDivide() {
    trainer.setGlobalBatchSize(7);
    assertRefused("must be divisible by", "ppMicrobatchSize (2)");
  }

  @Test
  void learningRateThatStartsOrEndsAboveThePeak() {
    trainer.setLearningRate(1e-3).setMinLearningRate(1.0);
    assertRefused("minLearningRate (1.0)", "learningRate (0.001)");
    trainer.setMinLearningRate(1e-3).setLrWarmupSteps(3).setInitLearningRate(1.0);
    assertRefused("initLearningRate (1.0)", "learningRate (0.001)");
  }

  @Test
  void optionsThatNothingReads() {
    trainer.setMomentum(0.9).setLrWarmupSteps(0).setInitLearningRate(1e-5).setWdIncrSteps(3);
    assertRefused(
        "momentum is 0.9, but only optimizer sgd reads it",
        "initLearningRate is 1.0E-5, but lrWarmupSteps 0",
        "wdIncrSteps is 3, but wdIncrStyle is constant");
  }

  @Test
  void optionsThatAnotherOneReplaces() {
    trainer
        .setOptimizer("torch.optim.SGD")
        .setBeta1(0.8)
        .setModuleNamesPerStage("[[\"model.embed_tokens\"], [\"lm_head\"]]")
        .setLayersPerStage(2)
        .setSplitStrategy("layers");
    assertRefused(
        "beta1 is 0.8, but optimizer sgd does not read it",
        "layersPerStage is 2, but moduleNamesPerStage takes its place",
        "splitStrategy is layers, but moduleNamesPerStage takes its place");
  }

  @Test
  void optionSetToItsDefaultIsLetPass() {
    trainer.setMomentum(0.0).setSplitStrategy("cost");
    assertThatCode(() -> trainer.transformSchema(TestModels.verses().schema()))
        .doesNotThrowAnyException();
  }

  @Test
  void warmUpLongerThanTheRun() {
    trainer.setLrWarmupSteps(100);
    assertRefused("lrDecaySteps (6) must be greater than lrWarmupSteps (100)");
  }

  @Test
  void wsdWithoutItsDecay() {
    trainer.setLrDecayStyle("wsd");
    assertRefused("lrWsdDecaySteps");
  }

  @Test
  void optionOfAnotherDecayStyle() {
    trainer.setLrWsdDecaySteps(2);
    assertRefused("lrWsdDecaySteps", "cosine");
  }

  @Test
  void unknownNamesInTheRecipe() {
    assertRefusedWith(trainer.setOptimizer("lion"), "Unknown optimizer 'lion'", "AdamW");
    assertRefusedWith(trainer.setOptimizer("sgd").setPrecision("fp8"), "precision 'fp8'");
    assertRefusedWith(
        trainer.setPrecision("bf16").setRecompute("some"), "recompute must be", "'some'");
    assertRefusedWith(
        trainer.setRecompute("full").setNoDecayPatterns(new String[] {"("}), "noDecayPatterns");
  }

  @Test
  void localBatchThatDoesNotDivide() {
    assertRefusedWith(trainer.setLocalBatchSize(3), "globalBatchSize (8) must be divisible by");
  }

  @Test
  void weightDecayThatGrowsWithoutAStyle() {
    assertRefusedWith(trainer.setEndWeightDecay(0.1), "wdIncrStyle linear or cosine");
  }

  @Test
  void scheduleAndCutThatDoNotFit() {
    assertRefusedWith(trainer.setPpScheduleCsv("0F0,1F0\n"), "backward", "stage 0");
    assertRefusedWith(
        trainer.setPpScheduleCsv(folder.resolve("none.csv").toUri().toString()),
        "There is no schedule at",
        "none.csv");
    trainer.clear(trainer.ppScheduleCsv());
    assertRefusedWith(trainer.setModuleNamesPerStage("[1]"), "JSON list of lists");
    assertRefusedWith(trainer.setModuleNamesPerStage("[[\"lm_head\"],[]]"), "missing: model.norm");
  }

  @Test
  void validationWithoutItsRows() {
    assertRefusedWith(trainer.setValidationInterval(2), "set validationIndicatorCol");
    assertRefusedWith(
        trainer.setValidationIndicatorCol("held"), "no column 'held' (validationIndicatorCol)");
    assertRefusedWith(trainer.setValidationIndicatorCol("text"), "must be boolean, but is string");
    trainer.setValidationInterval(0).setEarlyStoppingPatience(2);
    assertRefusedWith(trainer, "set validationInterval");
  }

  @Test
  void weightsThatAreNoNumbers() {
    assertRefusedWith(trainer.setWeightCol("w"), "There is no column 'w' (weightCol)");
    assertRefusedWith(
        trainer.setWeightCol("text"), "'text' (weightCol) must be numeric, but is string");
  }

  private void assertRefusedWith(CausalLMTrainer changed, String... parts) {
    assertThat(changed).isSameAs(trainer);
    assertRefused(parts);
  }

  @Test
  void sequenceLongerThanTheModelsPositions() {
    trainer.setSeqLength(65);
    assertRefused("seqLength (65)", "64");
  }

  @Test
  void tokenizerMayKnowMoreThanTheModelUntilATextUsesIt() {
    trainer
        .setModelConfig(TestModels.CONFIG.replace("\"vocab_size\": 4096", "\"vocab_size\": 4000"))
        .setMaxSteps(1);
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("with the text '", "' tast' with the id 4023", "4000 ids");
    Dataset<Row> readable = TestSpark.texts("In the beginning", "And the earth was");
    assertThat(trainer.fit(readable).summary().objectiveHistory()).hasSize(1);
  }

  @Test
  void endOfTextBeyondTheVocabulary() {
    trainer.setModelConfig(TestModels.CONFIG.replace("\"vocab_size\": 4096", "\"vocab_size\": 2"));
    assertRefused("The token behind each text has the id", "vocab_size is 2", "eosTokenId");
  }

  @Test
  void tooFewSlots() {
    trainer.setPpSize(4).setDpSize(2).setGlobalBatchSize(16);
    assertRefused("8 ranks", "local[4] has 4", "Use master local[8]");
  }

  @Test
  void neitherModelNorConfig() {
    trainer.clear(trainer.modelConfig());
    assertRefused("Set either modelPath", "modelConfig", "neither is set");
  }

  @Test
  void bothModelAndConfig() {
    trainer.setModelPath("file:///nowhere");
    assertRefused("Set either modelPath", "both are set");
  }

  @Test
  void missingModel() {
    trainer.clear(trainer.modelConfig());
    trainer.setModelPath(folder.resolve("none").toUri().toString());
    assertRefused("There is no config.json in", "none");
  }

  @Test
  void missingTokenizer() {
    trainer.setTokenizerPath(folder.resolve("none").toUri().toString());
    assertRefused("There is no tokenizer at", "none");
  }

  @Test
  void truncatedWeights() throws IOException {
    startFrom("\u0010".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("model.safetensors");
  }

  @Test
  void hostileWeights() throws IOException {
    startFrom(new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'});
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("model.safetensors");
  }

  private void startFrom(byte[] weights) throws IOException {
    Path start = Files.createDirectories(folder.resolve("start"));
    Files.writeString(start.resolve("config.json"), TestModels.CONFIG);
    Files.write(start.resolve("model.safetensors"), weights);
    trainer.clear(trainer.modelConfig());
    trainer.setModelPath(start.toUri().toString());
  }

  @Test
  void outputThatIsNotEmpty() throws IOException {
    Files.createDirectories(folder.resolve("model"));
    Files.writeString(folder.resolve("model/config.json"), "{}");
    assertRefused("outputPath", "is not empty", "overwriteOutput");
    assertThat(folder.resolve("model/config.json")).hasContent("{}");
  }

  @Test
  void rankThatFailsIsNamedWithItsStage() {
    trainer.setMaxSteps(20).setLearningRate(1e30).setMaxGradNorm(0);
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContainingAll("First cause: rank", "stage", "executor driver on", "step");
    assertThat(folder.resolve("model")).doesNotExist();
  }

  private void assertRefused(String... parts) {
    assertRefused(TestModels.verses(), parts);
  }

  private void assertRefused(Dataset<Row> dataset, String... parts) {
    int jobs = jobs();
    assertThatThrownBy(() -> trainer.fit(dataset))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(parts);
    assertThat(jobs()).isEqualTo(jobs);
  }

  private static int jobs() {
    return TestSpark.session().sparkContext().statusTracker().getJobIdsForGroup(null).length;
  }
}
