package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.RecipeReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Scores rows: the mean negative log-likelihood of each. */
@Command(
    name = "score",
    description = "Scores texts, such as: score MODEL --dataset.path_or_dataset texts.parquet")
final class ScoreCommand implements Runnable {
  @Spec private CommandSpec command;

  @Parameters(index = "0", paramLabel = "MODEL", description = "Folder of a model or of adapters.")
  private String model;

  @Parameters(
      index = "1..*",
      paramLabel = "--dataset.KEY VALUE",
      description =
          "Where the rows are, as a recipe says it; penstock.input_col is the column of texts.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--output",
      paramLabel = "PATH",
      description = "Folder that gets the rows with their scores as Parquet.")
  private String output;

  @Override
  public void run() {
    Recipe recipe = RecipeReader.read("{}", "the command line", words, System::getenv);
    recipe.check();
    try (LocalSpark session = LocalSpark.start("penstock score")) {
      CausalLMModel opened = CausalLMModel.ofFolder(model);
      Map<TrainerOption, Object> options = new EnumMap<>(TrainerOption.class);
      options.putAll(recipe.options());
      options.put(TrainerOption.MODEL_PATH, model);
      Dataset<Row> rows =
          recipe.text("dataset._target_").isPresent()
              ? new TrainingRows(session.spark(), recipe, models(session, options), options).read()
              : new DatasetSource(session.spark(), recipe, "dataset").read();
      options.forEach((option, value) -> set(opened, option, value));
      Dataset<Row> scored = opened.transform(rows);
      if (output != null) {
        scored.write().parquet(output);
        scored = session.spark().read().parquet(output);
      }
      show(scored, opened.getNllCol(), opened.getTokenCountCol());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static NamedModels models(LocalSpark session, Map<TrainerOption, Object> options) {
    SparkContext spark = session.spark().sparkContext();
    return new NamedModels(
        spark.hadoopConfiguration(),
        (String) options.get(TrainerOption.MODEL_CACHE_PATH),
        spark.isLocal(),
        line -> {});
  }

  /** What a recipe says beyond scoring has no meaning here. */
  private static void set(CausalLMModel opened, TrainerOption option, Object value) {
    if (opened.hasParam(option.paramName())) {
      opened.with(option, value);
    }
  }

  private void show(Dataset<Row> scored, String nll, String tokens) {
    Row sums =
        scored
            .selectExpr(
                "count(1)",
                "sum(`%s`)".formatted(tokens),
                "sum(`%s` * `%s`)".formatted(nll, tokens))
            .first();
    if (sums.isNullAt(2)) {
      throw new ConfigException("There are no tokens to score. Name other rows.");
    }
    double mean = sums.getDouble(2) / sums.getLong(1);
    command
        .commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%,d rows, %,d tokens, mean negative log-likelihood %.4f, perplexity %.2f%n",
            sums.getLong(0),
            sums.getLong(1),
            mean,
            Math.exp(mean));
  }
}
