package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A saved model is replaced by a whole one, or not at all. */
@Timeout(300)
class ModelSaveTest {
  @TempDir Path folder;

  private CausalLMModel trained(int steps) {
    return TestModels.trainer(folder)
        .setMaxSteps(steps)
        .setOutputPath(folder.resolve("model" + steps).toString())
        .fit(TestModels.verses());
  }

  @Test
  void savedModelReplacesAnOlderOne() throws IOException {
    CausalLMModel first = trained(1);
    CausalLMModel second = trained(3);
    Path saved = folder.resolve("saved");
    first.save(saved.toString());
    Files.writeString(saved.resolve("notes.txt"), "mine");
    assertThatThrownBy(() -> second.save(saved.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("already exists", "overwrite()");

    second.write().overwrite().save(saved.toString());

    assertThat(CausalLMModel.load(saved.toString()).transform(TestModels.verses()).first())
        .isEqualTo(second.transform(TestModels.verses()).first());
    assertThat(saved.resolve("notes.txt")).hasContent("mine");
    assertThat(RunFolderTest.contents(saved).keySet())
        .noneMatch(name -> name.startsWith("_run-") || name.startsWith("_lease-"));
    try (var files = Files.list(saved.resolve("metadata"))) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("part-")))
          .hasSize(1);
    }
  }

  /** What a server of Spark Connect does with every model, to make room. */
  @Test
  void localCopyIsNoMoreThanWhereTheModelIs() throws IOException {
    CausalLMModel model = trained(1);
    Path copy = folder.resolve("copy");
    model.write().saveToLocal(copy.toString());
    model.saveSummary(copy.resolve("summary").toString());

    CausalLMModel read = CausalLMModel.read().loadFromLocal(copy.toString());

    assertThat(RunFolderTest.contents(copy)).containsOnlyKeys("stage");
    assertThat(read.toString()).isEqualTo(model.toString()).endsWith(model.modelPath());
    assertThat(read.summary().toJson())
        .isEqualTo(model.summary().toJson())
        .isEqualTo(Files.readString(folder.resolve("model1/training_summary.json")));
    assertThat(read.setNllCol("score").transform(TestModels.verses()).first().getDouble(1))
        .isEqualTo(model.transform(TestModels.verses()).first().getDouble(1));
  }

  @Test
  void modelIsNotSavedOverItself() throws IOException {
    CausalLMModel model = trained(1);
    Path saved = folder.resolve("saved");
    model.save(saved.toString());
    Map<String, List<Byte>> before = RunFolderTest.contents(saved);
    CausalLMModel loaded = CausalLMModel.load(saved.toString());
    Path link = Files.createSymbolicLink(folder.resolve("link"), saved);
    for (String target :
        List.of(saved.toString(), saved + "/.", link.toString(), saved + "/data", folder + "/")) {
      assertThatThrownBy(() -> loaded.write().overwrite().save(target))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("the model itself lies there", "saved/data");
    }
    assertThat(RunFolderTest.contents(saved)).isEqualTo(before);
  }

  @Test
  void adaptersAreNotSavedOverTheirModel() throws IOException {
    CausalLMModel base = trained(1);
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(1)
            .setModelPath(base.modelPath())
            .setLoraTargetModules(new String[] {"q_proj"})
            .setOutputPath(folder.resolve("adapters").toString());
    trainer.clear(trainer.modelConfig());
    CausalLMModel adapters = trainer.fit(TestModels.verses());
    assertThatThrownBy(() -> adapters.write().overwrite().save(base.modelPath()))
        .hasMessageContaining("the model itself lies there");
    assertThat(folder.resolve("model1/config.json")).exists();
  }

  @Test
  void somethingElseIsNotOverwritten() throws IOException {
    CausalLMModel model = trained(1);
    Path other = Files.createDirectories(folder.resolve("other"));
    Files.writeString(other.resolve("thesis.txt"), "years of work");
    assertThatThrownBy(() -> model.write().overwrite().save(other.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("something else than a saved CausalLMModel", "thesis.txt");
    assertThat(RunFolderTest.contents(other)).containsOnlyKeys("thesis.txt");
  }
}
