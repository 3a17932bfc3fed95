package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResumeFitTest {
  private static final int STEPS = 6;

  @TempDir Path folder;
  private final List<String> lines = new ArrayList<>();

  @BeforeEach
  void startSpark() {
    TestSpark.session();
  }

  /** A trainer whose learning rates do not depend on how many steps it takes. */
  private CausalLMTrainer trainer(String output, int steps) {
    return TestModels.trainer(folder)
        .setOutputPath(folder.resolve(output).toUri().toString())
        .setMaxSteps(steps)
        .setLrWarmupSteps(1)
        .setLrDecaySteps(STEPS)
        .setCheckpointInterval(2)
        .setProgressLines(lines::add);
  }

  private String checkpoints() {
    return folder.resolve("kept").toUri().toString();
  }

  @Test
  void fitThatIsCalledAgainGoesOnWhereTheLastOneStopped() throws IOException {
    CausalLMModel whole = trainer("whole", STEPS).fit(TestModels.verses());
    trainer("part", 4).setCheckpointPath(checkpoints()).fit(TestModels.verses());
    lines.clear();
    CausalLMModel rest =
        trainer("rest", STEPS)
            .setCheckpointPath(checkpoints())
            .setPpMicrobatchSize(2)
            .fit(TestModels.verses());
    assertThat(lines.get(0))
        .startsWith("goes on at step 4 of 6, from ")
        .contains("kept/step-00000004");
    assertThat(rest.summary().resumedAtStep()).isEqualTo(4);
    assertThat(rest.summary().attempts()).isEqualTo(1);
    assertThat(rest.summary().stepsDoneAgain()).isZero();
    assertThat(rest.summary().checkpointSeconds()).isPositive();
    assertThat(rest.summary().objectiveHistory())
        .containsExactly(whole.summary().objectiveHistory());
    assertThat(rest.summary().dataSeconds()).hasSize(STEPS);
    assertThat(Files.readAllLines(folder.resolve("rest/metrics.jsonl"))).hasSize(STEPS);
    assertThat(folder.resolve("kept/metrics.jsonl"))
        .hasSameTextualContentAs(folder.resolve("rest/metrics.jsonl"));
    String weights = "model-00002-of-00002.safetensors";
    assertThat(Files.readAllBytes(folder.resolve("rest").resolve(weights)))
        .isEqualTo(Files.readAllBytes(folder.resolve("whole").resolve(weights)));
    assertThat(names("kept"))
        .contains("step-00000006/manifest.json")
        .noneMatch(n -> n.contains("lease"));
    assertThat(folder.resolve("checkpoints"))
        .as("checkpoints that nobody named go with the fit")
        .doesNotExist();
  }

  private List<String> names(String name) throws IOException {
    Path root = folder.resolve(name);
    try (Stream<Path> files = Files.walk(root)) {
      return files.map(file -> root.relativize(file).toString()).toList();
    }
  }

  @Test
  void fitThatWouldGiveOtherNumbersIsRefusedWithBothValues() {
    trainer("part", 2).setCheckpointPath(checkpoints()).fit(TestModels.verses());
    CausalLMTrainer other =
        trainer("other", STEPS).setCheckpointPath(checkpoints()).setLearningRate(0.25).setSeed(8);
    assertThatThrownBy(() -> other.fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("cannot go on from the checkpoint of step 2")
        .hasMessageContaining("optimizer.learningRate: the checkpoint has 0.01, this run 0.25")
        .hasMessageContaining("seed: the checkpoint has 7, this run 8");
    assertThatThrownBy(
            () ->
                trainer("rows", STEPS)
                    .setCheckpointPath(checkpoints())
                    .fit(TestModels.verses().limit(50)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("data: the checkpoint has ");
    CausalLMModel anew = other.setResume("never").fit(TestModels.verses());
    assertThat(anew.summary().resumedAtStep()).isZero();
    assertThat(anew.summary().objectiveHistory()).hasSize(STEPS);
  }

  @Test
  void whatDiffersIsSaidBeforeTheTextsAreRead() {
    trainer("part", 2).setCheckpointPath(checkpoints()).fit(TestModels.verses());
    Dataset<Row> unreadable =
        TestModels.verses()
            .map((MapFunction<Row, String>) ResumeFitTest::fail, Encoders.STRING())
            .toDF("text");
    CausalLMTrainer other = trainer("other", STEPS).setCheckpointPath(checkpoints());
    assertThatThrownBy(() -> other.fit(unreadable)).hasMessageContaining("the texts are read");
    assertThatThrownBy(() -> other.setLearningRate(0.25).fit(unreadable))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("optimizer.learningRate: the checkpoint has 0.01, this run 0.25");
    assertThatThrownBy(() -> other.setNumEpochs(1).fit(unreadable))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("optimizer.learningRate");
  }

  private static String fail(Row row) {
    throw new IllegalStateException("the texts are read");
  }

  @Test
  void otherStartingWeightsOfTheSameNamesAndLengthsAreRefused() throws IOException {
    trainer("start", 1).fit(TestModels.verses());
    CausalLMTrainer part = fromModel("part", 2);
    part.fit(TestModels.verses());
    Path weights = folder.resolve("start/model-00002-of-00002.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    bytes[bytes.length - Float.BYTES] ^= 1;
    Files.write(weights, bytes);
    assertThatThrownBy(() -> fromModel("rest", STEPS).fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("startingWeights: the checkpoint has ");
    bytes[bytes.length - Float.BYTES] ^= 1;
    Files.write(weights, bytes); // at another time, but the same
    assertThat(fromModel("rest", STEPS).fit(TestModels.verses()).summary().resumedAtStep())
        .isEqualTo(2);
  }

  private CausalLMTrainer fromModel(String output, int steps) {
    CausalLMTrainer trainer = trainer(output, steps).setCheckpointPath(checkpoints());
    trainer.clear(trainer.modelConfig());
    return trainer.setModelPath(folder.resolve("start").toUri().toString());
  }

  @Test
  void checkpointIsReadFromWhereverItIsNamed() {
    trainer("part", 4)
        .setCheckpointPath(checkpoints())
        .setCheckpointsToKeep(3)
        .fit(TestModels.verses());
    CausalLMModel rest =
        trainer("rest", 4).setResume(checkpoints() + "/step-00000002").fit(TestModels.verses());
    assertThat(rest.summary().resumedAtStep()).isEqualTo(2);
    assertThatThrownBy(
            () -> trainer("none", 4).setResume(checkpoints() + "x").fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("there is no complete checkpoint");
  }

  @Test
  void damagedCheckpointIsPassedOver() throws IOException {
    trainer("part", 4).setCheckpointPath(checkpoints()).fit(TestModels.verses());
    Path manifest = folder.resolve("kept/step-00000004/manifest.json");
    byte[] bytes = Files.readAllBytes(manifest);
    bytes[bytes.length / 2] ^= 1;
    Files.write(manifest, bytes);
    CausalLMModel rest =
        trainer("rest", STEPS).setCheckpointPath(checkpoints()).fit(TestModels.verses());
    assertThat(rest.summary().resumedAtStep()).isEqualTo(2);
    assertThat(rest.summary().objectiveHistory()).hasSize(STEPS);
  }
}
