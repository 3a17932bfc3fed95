package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.spark.barrier.TrainingFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Token shards that outlive a fit. */
class StagedDataTest {
  private static final int FOREVER = 1_000_000;

  @TempDir Path folder;

  @BeforeEach
  void startSpark() {
    TestSpark.session();
  }

  private CausalLMTrainer trainer(String output) {
    return TestModels.trainer(folder)
        .setOutputPath(folder.resolve(output).toUri().toString())
        .setLrWarmupSteps(1)
        .setLrDecaySteps(TestModels.STEPS);
  }

  private CausalLMTrainer keeping(String output) {
    return trainer(output).setStagedDataPath(folder.resolve("staged").toUri().toString());
  }

  /** When each file of tokens was written, by path. */
  private static Map<String, FileTime> tokens(Path root) {
    Map<String, FileTime> written = new TreeMap<>();
    if (!Files.exists(root)) {
      return written;
    }
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        written.put(root.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    written.keySet().removeIf(name -> name.contains(".crc") || !name.contains("tokens-"));
    return written;
  }

  @Test
  void sameRowsAreTokenizedOnceAndOtherInputsAnew() {
    double[] losses = trainer("plain").fit(TestModels.verses()).summary().objectiveHistory();
    assertThat(keeping("first").fit(TestModels.verses()).summary().objectiveHistory())
        .containsExactly(losses);
    Map<String, FileTime> kept = tokens(folder.resolve("staged"));
    assertThat(kept.keySet()).anyMatch(name -> name.endsWith("/manifest.json"));

    CausalLMModel again = keeping("second").fit(TestModels.verses().repartition(3));

    assertThat(again.summary().objectiveHistory()).containsExactly(losses);
    assertThat(again.summary().numRows()).isEqualTo(TestModels.verses().count());
    assertThat(tokens(folder.resolve("staged"))).isEqualTo(kept);
    keeping("rows").fit(TestModels.verses().limit(60));
    keeping("length").setSeqLength(16).fit(TestModels.verses());
    assertThat(tokens(folder.resolve("staged")).keySet().stream().map(name -> name.split("/")[0]))
        .containsAll(kept.keySet().stream().map(name -> name.split("/")[0]).toList())
        .satisfies(names -> assertThat(names.stream().distinct()).hasSize(3));
  }

  @Test
  void shardsThatLostAFileAreMadeOnceMore() throws IOException {
    double[] losses = keeping("first").fit(TestModels.verses()).summary().objectiveHistory();
    for (String name : tokens(folder.resolve("staged")).keySet()) {
      if (name.endsWith(".bin")) {
        Files.delete(folder.resolve("staged").resolve(name));
      }
    }
    assertThat(keeping("second").fit(TestModels.verses()).summary().objectiveHistory())
        .containsExactly(losses);
  }

  @Test
  void fitThatGoesOnFindsItsTokensAndRemovesThemInTheEnd() {
    Path checkpoints = folder.resolve("kept");
    CausalLMTrainer broken =
        trainer("model").setCheckpointPath(checkpoints.toUri().toString()).setMaxSteps(FOREVER);
    broken.setProgressInterval(1).setCheckpointInterval(2);
    broken.setProgressLines(line -> cancelIfCommitted(checkpoints));
    assertThatThrownBy(() -> broken.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("cancelled");
    Map<String, FileTime> left = tokens(checkpoints);
    assertThat(left.keySet()).anyMatch(name -> name.endsWith("/manifest.json"));

    List<Map<String, FileTime>> found = new ArrayList<>();
    int steps = newest(checkpoints) + 2;
    CausalLMTrainer whole =
        trainer("model").setCheckpointPath(checkpoints.toUri().toString()).setMaxSteps(steps);
    whole.setProgressLines(line -> found.add(tokens(checkpoints)));
    assertThat(whole.fit(TestModels.verses()).summary().resumedAtStep()).isEqualTo(steps - 2);
    assertThat(found.get(0)).as("when the first line came").isEqualTo(left);
    assertThat(tokens(checkpoints)).isEmpty();
    assertThat(newest(checkpoints)).isGreaterThan(0);
  }

  private static void cancelIfCommitted(Path checkpoints) {
    if (newest(checkpoints) > 0) {
      TestSpark.session().sparkContext().cancelAllJobs();
    }
  }

  /** Step of the newest checkpoint that is complete; 0: there is none. */
  private static int newest(Path checkpoints) {
    try (Stream<Path> steps = Files.list(checkpoints)) {
      return steps
          .filter(step -> Files.exists(step.resolve("manifest.json")))
          .map(step -> step.getFileName().toString())
          .filter(name -> name.startsWith("step-"))
          .mapToInt(name -> Integer.parseInt(name.substring("step-".length())))
          .max()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
