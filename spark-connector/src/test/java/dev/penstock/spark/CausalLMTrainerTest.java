package dev.penstock.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class CausalLMTrainerTest {
  private static final double LOG_VOCAB = Math.log(4096);

  @TempDir Path folder;

  @Test
  void fitTrainsAndLeavesAHuggingFaceFolder() throws Exception {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    CausalLMTrainer trainer = TestModels.trainer(folder).setProgressLines(lines::add);

    CausalLMModel model = trainer.fit(TestModels.verses());

    double[] losses = model.summary().objectiveHistory();
    assertThat(losses).hasSize(TestModels.STEPS);
    assertThat(losses[0]).isBetween(LOG_VOCAB - 0.2, LOG_VOCAB + 0.2);
    assertThat(losses[TestModels.STEPS - 1]).isLessThan(losses[0] - 0.5);
    assertThat(lines)
        .extracting(line -> line.split("  ")[0])
        .containsExactly("step 1/6", "step 2/6", "step 4/6", "step 6/6");
    assertThat(model.uid()).isEqualTo(trainer.uid());
    assertThat(model.parent()).isSameAs(trainer);
    assertThat(model.summary().stageTable()).contains("model.layers.0-1");
    assertThat(model.summary().numRows()).isEqualTo(200);
    try (var files = Files.list(folder.resolve("model"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "config.json",
              "generation_config.json",
              "model-00001-of-00002.safetensors",
              "model-00002-of-00002.safetensors",
              "model.safetensors.index.json",
              "tokenizer.json",
              "tokenizer_config.json");
    }
    assertThat(Files.readString(folder.resolve("model/config.json")))
        .contains("\"dtype\" : \"float32\"", "\"torch_dtype\" : \"float32\"");

    Row scored = model.transform(TestSpark.texts("In the beginning God created")).first();
    assertThat(scored.<Double>getAs("nll")).isBetween(1.0, LOG_VOCAB + 1);
    assertThat(scored.<Integer>getAs("numTokens")).isPositive();
    assertThat(model.generate("In the beginning", 5)).isNotNull();
  }

  @Test
  void pipelineTrainsSavesAndLoads() throws IOException {
    Pipeline pipeline =
        new Pipeline().setStages(new PipelineStage[] {TestModels.trainer(folder).setMaxSteps(2)});
    PipelineModel model = pipeline.fit(TestModels.verses());
    String path = folder.resolve("saved").toUri().toString();
    model.save(path);

    PipelineModel loaded = PipelineModel.load(path);

    CausalLMModel stage = (CausalLMModel) loaded.stages()[0];
    assertThat(stage.hasSummary()).isFalse();
    assertThat(stage.modelPath()).contains("/saved/stages/");
    assertThat(loaded.transform(TestModels.verses()).collectAsList())
        .isEqualTo(model.transform(TestModels.verses()).collectAsList());
  }
}
