package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.barrier.TrainingFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is written stays written, and nothing is deleted that is not ours. */
@Timeout(300)
class RunFolderTest {
  @TempDir Path folder;

  private Path output;
  private CausalLMTrainer trainer;

  @BeforeEach
  void makeTrainer() {
    output = folder.resolve("model");
    trainer = TestModels.trainer(folder).setMaxSteps(1);
  }

  @Test
  void failedFitLeavesTheOlderModelWhole() throws IOException {
    trainer.fit(TestModels.verses());
    Map<String, List<Byte>> before = contents(output);
    trainer.setOverwriteOutput(true).setMaxSteps(20).setLearningRate(1e30).setMaxGradNorm(0);

    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class);

    assertThat(contents(output)).isEqualTo(before);
    Path left = folder.resolve("checkpoints/model/metrics.jsonl"); // to see what went wrong
    assertThat(left).content().startsWith("{\"step\":1,\"loss\":8.");
    trainer.setMaxSteps(1).setLearningRate(1e-2).fit(TestModels.verses());
    assertThat(left).doesNotExist();
    assertThat(before)
        .containsOnlyKeys(
            "config.json",
            "generation_config.json",
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
            "model.safetensors.index.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "metrics.jsonl",
            "report.html",
            "training_loss.svg",
            "training_summary.json");
  }

  @Test
  void cancelledFitLeavesTheOlderModelWhole() throws IOException {
    trainer.fit(TestModels.verses());
    Map<String, List<Byte>> before = contents(output);
    trainer
        .setOverwriteOutput(true)
        .setMaxSteps(1_000_000)
        .setProgressLines(line -> TestSpark.session().sparkContext().cancelAllJobs());
    assertThatThrownBy(() -> trainer.fit(TestModels.verses())).hasMessageContaining("cancelled");
    assertThat(contents(output)).isEqualTo(before);
  }

  @Test
  void consumerOfProgressThatThrowsLosesNothing() {
    double[] losses =
        trainer
            .setMaxSteps(3)
            .setProgressInterval(1)
            .fit(TestModels.verses())
            .summary()
            .objectiveHistory();
    trainer
        .setOutputPath(folder.resolve("other").toUri().toString())
        .setProgressLines(
            line -> {
              if (line.contains("step 3/3")) {
                throw new IllegalStateException("the page is closed");
              }
              throw new AssertionError("the page is broken");
            });

    CausalLMModel model = trainer.fit(TestModels.verses());

    assertThat(model.summary().objectiveHistory()).containsExactly(losses);
    assertThat(model.transform(TestModels.verses()).first().<Double>getAs("nll")).isPositive();
  }

  @Test
  void longHistoryDoesNotComeThroughSpark() {
    int steps = 700;
    var conf = TestSpark.session().sparkContext().conf();
    conf.set("spark.driver.maxResultSize", "64k");
    try {
      CausalLMModel model =
          trainer
              .setSeqLength(4)
              .setGlobalBatchSize(2)
              .setPpMicrobatchSize(1)
              .setMaxSteps(steps)
              .fit(TestModels.verses().limit(20));
      assertThat(model.summary().objectiveHistory()).hasSize(steps);
      assertThat(model.summary().dataSeconds()).hasSize(steps);
      assertThat(output.resolve("config.json")).exists();
    } finally {
      conf.remove("spark.driver.maxResultSize");
    }
  }

  @Test
  void folderOfOtherFilesIsNotReplaced() throws IOException {
    Files.createDirectories(output.resolve("photos"));
    Files.writeString(output.resolve("thesis.txt"), "years of work");
    Files.writeString(output.resolve("config.json"), "{\"name\": \"no model\"}");
    Files.writeString(output.resolve("photos/cat.jpg"), "cat");
    Map<String, List<Byte>> before = contents(output);
    trainer.setOverwriteOutput(true);

    assertRefused(
        "outputPath file:" + output, "no model that overwriteOutput could replace", "thesis.txt");
    assertThat(contents(output)).isEqualTo(before);
  }

  @Test
  void otherFilesBesideAModelStay() throws IOException {
    trainer.fit(TestModels.verses());
    Files.writeString(output.resolve("README.md"), "about it");
    Files.createDirectories(output.resolve("timeline"));
    Files.writeString(output.resolve("timeline/trace.json"), "{}");
    Files.writeString(output.resolve("timeline/mine.txt"), "mine");
    trainer.setOverwriteOutput(true).setPpSize(1).fit(TestModels.verses());

    assertThat(contents(output))
        .containsOnlyKeys(
            "README.md",
            "config.json",
            "generation_config.json",
            "model.safetensors",
            "timeline/mine.txt",
            "tokenizer.json",
            "tokenizer_config.json",
            "metrics.jsonl",
            "report.html",
            "training_loss.svg",
            "training_summary.json");
  }

  @Test
  void modelThatTheFitStartsFromIsNotItsOutput() throws IOException {
    String base = trainer.fit(TestModels.verses()).modelPath();
    Map<String, List<Byte>> before = contents(output);
    Path link = Files.createSymbolicLink(folder.resolve("link"), output);
    Files.createDirectories(folder.resolve("x"));
    trainer.clear(trainer.modelConfig());
    trainer.setModelPath(base).setOverwriteOutput(true);
    for (String spelling :
        List.of(
            base,
            output + "/.",
            folder + "/x/../model",
            "file:" + output,
            "file:///" + output,
            link.toString(),
            folder.toString())) {
      trainer.setOutputPath(spelling);
      assertRefused("holds what this fit reads: the model of modelPath", output.toString());
    }
    trainer.setModelPath(link.toString()).setOutputPath(base);
    assertRefused("the model of modelPath");
    trainer.setLoraTargetModules(new String[] {"all-linear"});
    assertRefused("the model of modelPath");
    assertThat(contents(output)).isEqualTo(before);
  }

  @Test
  void adaptersAreNotWrittenOntoTheirModelOrThemselves() throws IOException {
    String base = trainer.fit(TestModels.verses()).modelPath();
    Path adapters = folder.resolve("adapters");
    trainer.clear(trainer.modelConfig());
    trainer
        .setModelPath(base)
        .setLoraTargetModules(new String[] {"q_proj"})
        .setOutputPath(adapters.toString())
        .fit(TestModels.verses());
    trainer.setModelPath(adapters.toString()).setOverwriteOutput(true);
    assertRefused("the adapters of modelPath", adapters.toString());
    trainer.setOutputPath(base);
    assertRefused("the model that the adapters of modelPath adapt");
    assertThat(adapters.resolve("adapter_model.safetensors")).exists();
  }

  @Test
  void filesOfTheRowsAndOfTheTokenizerAreNotInTheOutput() throws IOException {
    Path texts = Files.createDirectories(folder.resolve("some texts"));
    Files.writeString(texts.resolve("a b.txt"), "In the beginning God created\n".repeat(40));
    Dataset<Row> rows =
        TestSpark.session().read().text(texts.toString()).withColumnRenamed("value", "text");
    trainer.setOutputPath(texts.toString()).setOverwriteOutput(true);
    assertThatThrownBy(() -> trainer.fit(rows))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("the rows: file:", "a b.txt");
    trainer.setOutputPath(folder.resolve("tokenizer").toString());
    assertRefused("the tokenizer");
    trainer.setOutputPath(texts.resolve("model").toString()); // below is no harm
    assertThat(trainer.fit(rows).summary().totalIterations()).isEqualTo(1);
  }

  @Test
  void secondFitIntoOneFolderIsRefusedWhileTheFirstRuns() {
    CausalLMTrainer second = TestModels.trainer(folder).setOverwriteOutput(true);
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    trainer.setProgressLines(
        line -> {
          try {
            second.fit(TestModels.verses());
          } catch (RuntimeException e) {
            refusal.set(e);
          }
        });
    CausalLMModel model = trainer.fit(TestModels.verses());

    assertThat(refusal.get())
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(
            "outputPath file:" + output, "is being written by fit " + trainer.uid(), "since 20");
    assertThat(model.transform(TestModels.verses()).first().<Double>getAs("nll")).isPositive();
  }

  @Test
  void outputThatCannotBeWrittenIsFoundBeforeAnyJob() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "text");
    trainer.setOutputPath(file.toString());
    assertRefused("outputPath file:" + file, "is a file");
    trainer.setOutputPath(file.resolve("below").toString());
    assertRefused("outputPath file:" + file + "/below");
    trainer.setOutputPath("/proc/penstock");
    assertRefused("outputPath file:/proc/penstock");
    Files.createDirectories(output.resolve("model-00002-of-00002.safetensors"));
    trainer.setOutputPath(output.toString());
    assertRefused("holds folders where files of the model go: model-00002-of-00002.safetensors");
    assertThat(file).hasContent("text");
  }

  @Test
  void whatARunThatDiedLeftIsRemoved() throws IOException {
    Path left = output.resolve("_run-old/scratch/shards/shard-0.bin");
    Files.createDirectories(left.getParent());
    Files.writeString(left, "tokens");
    Files.writeString(output.resolve("_run-old/penstock-run"), "old");

    trainer.fit(TestModels.verses());

    assertThat(output.resolve("_run-old")).doesNotExist();
    assertThat(contents(output)).hasSize(11);
  }

  @Test
  void stagingFoldersOfRunsThatDiedAreRemovedAndOthersNot() throws IOException {
    Path staging = folder.resolve("staging");
    Files.createDirectories(staging.resolve("_run-old"));
    Files.writeString(staging.resolve("_run-old/penstock-run"), "old");
    Files.createDirectories(staging.resolve("_run-mine"));
    Files.writeString(staging.resolve("_run-mine/thesis.txt"), "mine");
    trainer.setStagingDir(staging.toString()).fit(TestModels.verses());
    assertThat(contents(staging)).containsOnlyKeys("_run-mine/thesis.txt");
  }

  @Test
  void eachOfSeveralParamMapsMakesAModelOfItsOwn() {
    trainer.setMaxSteps(3).setOverwriteOutput(true);
    ParamMap slow = new ParamMap().put(trainer.learningRate().w(1e-5));
    ParamMap fast = new ParamMap().put(trainer.learningRate().w(5e-2));

    CausalLMModel first = trainer.fit(TestModels.verses(), slow);
    CausalLMModel second = trainer.copy(fast).fit(TestModels.verses());

    assertThat(first.modelPath())
        .startsWith("file:" + output + "/")
        .isNotEqualTo(second.modelPath());
    assertThat(second.modelPath()).startsWith("file:" + output + "/");
    Dataset<Row> verse = TestModels.verses().limit(1);
    assertThat(second.transform(verse).first().<Double>getAs("nll"))
        .isLessThan(first.transform(verse).first().<Double>getAs("nll") - 0.1);
    ParamMap named = new ParamMap().put(trainer.outputPath().w(folder.resolve("named").toString()));
    assertThat(trainer.fit(TestModels.verses(), named).modelPath())
        .isEqualTo("file:" + folder.resolve("named"));
  }

  @Test
  void modelThatALaterFitReplacedIsNotTakenForIt() {
    CausalLMModel first = trainer.fit(TestModels.verses());
    trainer.setOverwriteOutput(true).setLearningRate(5e-2).fit(TestModels.verses());

    assertThatThrownBy(() -> first.copy(ParamMap.empty()).transform(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll("trained into file:" + output + " is no more", "ofFolder");
    assertThatThrownBy(() -> first.save(folder.resolve("saved").toString()))
        .isInstanceOf(ConfigException.class);
    assertThat(
            CausalLMModel.ofFolder(first.modelPath())
                .transform(TestModels.verses())
                .first()
                .<Double>getAs("nll"))
        .isPositive();
  }

  @Test
  void filesOfOtherProgramsAndTheClassTravelAlong() throws IOException {
    Path tokenizer = folder.resolve("tokenizer");
    List<String> companions = List.of("tokenizer.model", "vocab.json", "merges.txt");
    for (String name : companions) {
      Files.writeString(tokenizer.resolve(name), name);
    }
    trainer.setModelConfig(
        TestModels.CONFIG.replace("\"architectures\": [\"LlamaForCausalLM\"],", ""));
    trainer.fit(TestModels.verses());
    for (String name : companions) {
      assertThat(output.resolve(name)).hasContent(name);
    }
    assertThat(Files.readString(output.resolve("config.json")))
        .contains("\"architectures\" : [ \"LlamaForCausalLM\" ]");
  }

  @Test
  void temporaryFolderOfAFailedFitIsRemoved() throws IOException {
    trainer.clear(trainer.outputPath());
    List<String> before = temporaryFolders();
    trainer.setMaxSteps(20).setLearningRate(1e30).setMaxGradNorm(0);
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class);
    assertThat(temporaryFolders()).isEqualTo(before);
  }

  private List<String> temporaryFolders() throws IOException {
    try (Stream<Path> paths = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return paths
          .map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith("penstock-" + trainer.uid()))
          .sorted()
          .toList();
    }
  }

  private void assertRefused(String... parts) {
    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(ConfigException.class)
        .hasMessageContainingAll(parts);
  }

  /** Bytes of all files by name. */
  static Map<String, List<Byte>> contents(Path folder) throws IOException {
    Map<String, List<Byte>> contents = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        List<Byte> bytes = new ArrayList<>();
        for (byte each : Files.readAllBytes(path)) {
          bytes.add(each);
        }
        contents.put(folder.relativize(path).toString(), Collections.unmodifiableList(bytes));
      }
    }
    return contents;
  }
}
