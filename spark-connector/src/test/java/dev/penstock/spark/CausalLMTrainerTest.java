package dev.penstock.spark;

import static org.apache.spark.sql.functions.avg;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.TestingData;
import dev.penstock.spark.barrier.TrainingFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class CausalLMTrainerTest {
  private static final Offset<Double> ROUNDING = Offset.offset(1e-4);
  private static final double LOG_VOCAB = Math.log(4096);

  @TempDir Path folder;

  @Test
  void fitTrainsAndLeavesAHuggingFaceFolder() throws Exception {
    List<String> lines = Collections.synchronizedList(new ArrayList<>());
    CausalLMTrainer trainer = TestModels.trainer(folder).setProgressLines(lines::add);

    String params = trainer.extractParamMap().toString();

    CausalLMModel model = trainer.fit(TestModels.verses());

    assertThat(trainer.extractParamMap()).hasToString(params);
    double[] losses = model.summary().objectiveHistory();
    assertThat(losses).hasSize(TestModels.STEPS);
    assertThat(losses[0]).isBetween(LOG_VOCAB - 0.2, LOG_VOCAB + 0.2);
    assertThat(losses[TestModels.STEPS - 1]).isLessThan(losses[0] - 0.5);
    assertThat(lines)
        .extracting(line -> line.substring(0, "step 1/6".length()))
        .containsExactly("step 1/6", "step 2/6", "step 4/6", "step 6/6");
    assertThat(model.uid()).isEqualTo(trainer.uid());
    assertThat(model.parent()).isSameAs(trainer);
    assertThat(model.summary().stageTable()).contains("model.embed_tokens, model.layers.0");
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
              "tokenizer_config.json",
              "metrics.jsonl",
              "report.html",
              "training_loss.svg",
              "training_summary.json");
    }
    assertThat(Files.readString(folder.resolve("model/config.json")))
        .contains("\"dtype\" : \"float32\"", "\"torch_dtype\" : \"float32\"");

    Row scored = model.transform(TestSpark.texts("In the beginning God created")).first();
    assertThat(scored.<Double>getAs("nll")).isBetween(1.0, LOG_VOCAB + 1);
    assertThat(scored.<Integer>getAs("numTokens")).isPositive();
    assertThat(model.generate("In the beginning", 5)).isNotNull();
  }

  @Test
  void summaryTellsWhereTheTimeAndMemoryWent() {
    long begin = System.nanoTime();
    TrainingSummary summary = TestModels.trainer(folder).fit(TestModels.verses()).summary();
    double fitSeconds = (System.nanoTime() - begin) / 1e9;

    assertThat(summary.phaseSeconds().keySet())
        .containsExactly(
            "plan",
            "slots",
            "ingest",
            "launch",
            "natives",
            "connect",
            "build",
            "weights",
            "steps",
            "save",
            "complete",
            "clean");
    assertThat(summary.phaseSeconds().values()).allMatch(seconds -> seconds >= 0);
    double phases = summary.phaseSeconds().values().stream().mapToDouble(Double::doubleValue).sum();
    assertThat(phases).isBetween(Arrays.stream(summary.stepSeconds()).sum(), fitSeconds);
    assertThat(summary.dataSeconds()).hasSize(TestModels.STEPS);
    for (int step = 0; step < TestModels.STEPS; step++) {
      assertThat(summary.dataSeconds()[step]).isPositive();
    }
    assertThat(summary.peakBytes()).hasSize(2).doesNotContain(0L);
    long[] peaks = summary.peakBytesHistory();
    assertThat(peaks).hasSize(TestModels.STEPS).isSorted();
    assertThat(summary.peakBytes()[0]).isGreaterThanOrEqualTo(peaks[0]);
    assertThat(summary.memoryTable().lines()).hasSize(3);
  }

  @Test
  void theInputMayBeNamedAsSparkReadsNames() {
    double[] losses =
        TestModels.trainer(folder)
            .setMaxSteps(2)
            .fit(TestModels.verses())
            .summary()
            .objectiveHistory();
    Dataset<Row> nested = TestModels.verses().selectExpr("struct(text) as doc", "text as words");
    for (String name : new String[] {"doc.text", "WORDS"}) {
      CausalLMTrainer trainer =
          TestModels.trainer(folder).setMaxSteps(2).setOverwriteOutput(true).setInputCol(name);
      assertThat(trainer.fit(nested).summary().objectiveHistory()).containsExactly(losses);
    }
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

  @Test
  void trainingGoesOnFromAModel() {
    CausalLMModel first = TestModels.trainer(folder).fit(TestModels.verses());
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setModelPath(first.modelPath())
            .setOutputPath(folder.resolve("second").toUri().toString());
    trainer.clear(trainer.modelConfig());
    trainer.clear(trainer.tokenizerPath());

    CausalLMModel second = trainer.fit(TestModels.verses());

    double reached = first.summary().objectiveHistory()[TestModels.STEPS - 1];
    assertThat(second.summary().objectiveHistory()[0]).isLessThan(reached + 0.2);
  }

  @Test
  void newModelInTheSameFolderReplacesTheOld() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(1);
    Row before = trainer.fit(TestModels.verses()).transform(TestModels.verses()).first();
    trainer.setOverwriteOutput(true).setPpSize(1).setMaxSteps(3);
    CausalLMModel model = trainer.fit(TestModels.verses());

    assertThat(folder.resolve("model")).isDirectoryNotContaining("glob:**-of-00002*");
    assertThat(model.transform(TestModels.verses()).first().<Double>getAs("nll"))
        .isLessThan(before.<Double>getAs("nll") - 0.01);
  }

  @Test
  void layoutAndScheduleChangeNothingButRounding() {
    CausalLMTrainer trainer = TestModels.trainer(folder).setMaxSteps(3).setOverwriteOutput(true);
    double[] whole = losses(trainer.setPpSize(1).setPpMicrobatchSize(8));
    double[] cut =
        losses(trainer.setPpSize(2).setDpSize(2).setPpMicrobatchSize(1).setPpSchedule("gpipe"));
    double[] interleaved =
        losses(trainer.setDpSize(1).setPpSchedule("interleaved1f1b").setLayersPerStage(1));

    assertThat(cut).containsExactly(whole, ROUNDING);
    assertThat(interleaved).containsExactly(whole, ROUNDING);
  }

  private static double[] losses(CausalLMTrainer trainer) {
    return trainer.fit(TestModels.verses()).summary().objectiveHistory();
  }

  @Test
  void crossValidatorFitsCopiesSideBySide() {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(2)
            .setStagingDir(folder.resolve("staging").toUri().toString());
    trainer.clear(trainer.outputPath());
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(trainer.learningRate(), new double[] {1e-6, 1e-2}).build();

    CrossValidatorModel model =
        new CrossValidator()
            .setEstimator(trainer)
            .setEstimatorParamMaps(grid)
            .setEvaluator(new MeanNll())
            .setNumFolds(2)
            .setParallelism(2)
            .fit(TestModels.verses());

    assertThat(model.avgMetrics()[1]).isLessThan(model.avgMetrics()[0]);
    assertThat(((CausalLMModel) model.bestModel()).modelPath()).contains("/staging/");
  }

  private static final class MeanNll extends Evaluator {
    private static final long serialVersionUID = 1L;

    @Override
    public String uid() {
      return "meanNll";
    }

    @Override
    public double evaluate(Dataset<?> scored) {
      return scored.agg(avg("nll")).first().getDouble(0);
    }

    @Override
    public boolean isLargerBetter() {
      return false;
    }

    @Override
    public Evaluator copy(ParamMap extra) {
      return this;
    }
  }

  @Test
  void longNullAndEmptyTextsAreScored() {
    CausalLMModel model = TestModels.trainer(folder).setMaxSteps(1).fit(TestModels.verses());
    String longText = String.join(" ", TestingData.verses().subList(0, 20));

    List<Row> rows =
        model.transform(TestSpark.texts(longText, null, "", "In the beginning")).collectAsList();

    int longTokens = rows.get(0).getAs("numTokens");
    assertThat(longTokens).isGreaterThan(10 * TestModels.SEQ_LENGTH);
    assertThat(rows.get(0).<Double>getAs("nll")).isBetween(1.0, LOG_VOCAB + 1);
    assertThat(rows.get(1).get(1)).isNull();
    assertThat(rows.get(1).getInt(2)).isZero();
    assertThat(rows.get(2).get(1)).isNull();
    assertThat(rows.get(3).<Integer>getAs("numTokens")).isPositive();
  }

  @Test
  void interruptedFitCancelsItsJob() throws Exception {
    Thread caller = Thread.currentThread();
    AtomicBoolean interrupted = new AtomicBoolean(); // progress may tell more lines meanwhile
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(1_000_000)
            .setProgressLines(
                line -> {
                  if (!interrupted.getAndSet(true)) {
                    caller.interrupt();
                  }
                });

    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("interrupted");

    assertThat(Thread.interrupted()).isTrue();
    trainer.setMaxSteps(1).setPpSize(4).setProgressLines(line -> {}); // needs all slots
    assertThat(trainer.fit(TestModels.verses()).summary().totalIterations()).isEqualTo(1);
  }

  @Test
  void cancelledFitSaysSo() {
    CausalLMTrainer trainer =
        TestModels.trainer(folder)
            .setMaxSteps(1_000_000)
            .setProgressLines(line -> TestSpark.session().sparkContext().cancelAllJobs());

    assertThatThrownBy(() -> trainer.fit(TestModels.verses()))
        .isInstanceOf(TrainingFailedException.class)
        .hasMessageContaining("cancelled");
  }
}
