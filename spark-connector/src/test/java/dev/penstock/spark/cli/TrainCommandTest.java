package dev.penstock.spark.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.datasets.TestingData;
import dev.penstock.spark.TestModels;
import dev.penstock.spark.TestSpark;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.RecipeReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class TrainCommandTest {
  @TempDir static Path folder;

  private static SparkSession spark;
  private static Dataset<Row> texts;

  private static final String RECIPE =
      """
      seed: 7
      model:
        _target_: nemo_automodel.NeMoAutoModelForCausalLM.from_config
        config:
          _target_: transformers.AutoConfig.from_pretrained
          pretrained_model_name_or_path: %1$s/config
          num_hidden_layers: 2
      dataset: {path_or_dataset: %1$s/texts, split: "train[:200]", seq_len: 32}
      validation_dataset: {path_or_dataset: %1$s/texts-validated, split: train}
      step_scheduler: {global_batch_size: 8, max_steps: 50, val_every_steps: 2}
      distributed:
        dp_size: none
        pp_size: 2
        pipeline: {pp_schedule: 1f1b, pp_microbatch_size: 2}
      optimizer: {_target_: torch.optim.AdamW, lr: 1e-2, betas: [0.9, 0.95]}
      checkpoint: {checkpoint_dir: %1$s/run}
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter errors = new StringWriter();

  @BeforeAll
  static void writeModelAndTexts() throws IOException {
    spark = TestSpark.session();
    TestModels.tokenizer(folder.resolve("config"));
    Files.writeString(folder.resolve("config/config.json"), TestModels.CONFIG);
    texts = TestSpark.texts(TestingData.verses().toArray(String[]::new)).coalesce(1);
    texts.write().json(path("texts/train.json"));
    texts.limit(8).write().parquet(path("texts-validated"));
    texts.write().option("header", true).csv(path("csv"));
    texts.write().text(path("lines"));
  }

  /** What the resolved recipe says is the run itself: its weights are the same, bit by bit. */
  @Test
  void runCanBeRepeatedFromTheRecipeBesideItsModel() throws Exception {
    Path recipe = Files.writeString(folder.resolve("run.yaml"), RECIPE.formatted(folder));
    assertThat(run("train", recipe.toString(), "--step_scheduler.max_steps", "2"))
        .as(errors.toString())
        .isZero();
    assertThat(out.toString()).contains("step 2/2  loss ").contains("validation loss ");
    Path model = folder.resolve("run/model");
    assertThat(model.resolve("config.json")).content().contains("\"num_hidden_layers\" : 2");
    assertThat(folder.resolve("run/recipe.yaml"))
        .hasSameTextualContentAs(model.resolve("recipe.yaml"));
    assertThat(Files.readString(model.resolve("recipe.yaml"))).contains("dp_size: 2");

    assertThat(Files.readAllLines(model.resolve("metrics.jsonl")))
        .hasSize(2)
        .allMatch(line -> line.matches("\\{\"step\":\\d,\"loss\":.*"))
        .last()
        .asString()
        .contains("\"validation_loss\":");

    Path again = folder.resolve("again");
    assertThat(
            run(
                "train",
                model.resolve("recipe.yaml").toString(),
                "--penstock.output_path=" + again,
                "--checkpoint.checkpoint_dir=" + folder.resolve("again-checkpoints")))
        .as(errors.toString())
        .isZero();
    assertThat(weights(again)).isNotEmpty();
    for (Path file : weights(again)) {
      assertThat(file).hasSameBinaryContentAs(model.resolve(file.getFileName()));
    }

    assertThat(run("generate", again.toString(), "In the beginning", "--max-new-tokens", "3"))
        .as(errors.toString())
        .isZero();
    String validated = "--dataset.path_or_dataset=" + folder.resolve("texts-validated");
    assertThat(run("score", again.toString(), validated)).as(errors.toString()).isZero();
    assertThat(out.toString()).contains("8 rows, ").contains("perplexity ");

    Files.writeString(
        weights(again).get(0), "version https://git-lfs.github.com/spec/v1\noid sha256:46\n");
    assertThat(run("generate", again.toString(), "In the beginning")).isEqualTo(2);
    assertThat(errors.toString()).contains("git lfs pull").doesNotContain("\tat ");
    assertThat(spark.sparkContext().isStopped()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"texts", "csv", "lines", "lines/*.txt", "texts/train.json/part-*"})
  void textsOfAnyFormAreRead(String name) throws IOException {
    Recipe recipe =
        RecipeReader.read(
            "{}", "test", List.of("--dataset.path_or_dataset", path(name)), key -> null);
    NamedModels models =
        new NamedModels(spark.sparkContext().hadoopConfiguration(), null, true, line -> {});
    Dataset<Row> rows = new TrainingRows(spark, recipe, models, new HashMap<>()).read();
    assertThat(rows.columns()).containsExactly("text");
    assertThat(rows.count()).isEqualTo(texts.count());
  }

  @Test
  void whatCannotBeReadIsNamed() throws Exception {
    Path recipe =
        Files.writeString(
            folder.resolve("bad.yaml"), "model: {config: %s/config}\n".formatted(folder));
    String file = recipe.toString();
    assertThat(run("train", file, "--dataset.path_or_dataset=rowan/hellaswag")).isEqualTo(2);
    assertThat(errors.toString()).contains("'rowan/hellaswag'").contains("Nothing is downloaded");
    assertThat(run("train", file)).isEqualTo(2);
    assertThat(errors.toString()).contains("dataset names no data");
    String data = "--dataset.path_or_dataset=" + path("texts");
    assertThat(run("train", file, data, "--dataset.split=test")).isEqualTo(2);
    assertThat(errors.toString()).contains("no split 'test'");
    assertThat(run("train", file, data, "--distributed.tp_size=2")).isEqualTo(2);
    assertThat(errors.toString()).contains("distributed.tp_size: There is no tensor parallelism");
    assertThat(run("train", file, data, "--model.config=meta-llama/None")).isEqualTo(2);
    assertThat(errors.toString()).contains("'meta-llama/None'").doesNotContain("\tat ");
  }

  private static List<Path> weights(Path model) throws IOException {
    try (var files = Files.list(model)) {
      return files.filter(file -> file.toString().endsWith(".safetensors")).toList();
    }
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private int run(String... args) {
    return Penstock.run(List.of(args), new PrintWriter(out, true), new PrintWriter(errors, true));
  }
}
