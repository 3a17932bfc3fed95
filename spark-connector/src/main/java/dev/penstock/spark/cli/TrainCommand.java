package dev.penstock.spark.cli;

import dev.penstock.spark.CausalLMModel;
import dev.penstock.spark.CausalLMTrainer;
import dev.penstock.spark.fit.ModelCache;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import dev.penstock.spark.recipe.ResolvedRecipe;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains as a recipe says. */
@Command(
    name = "train",
    description = "Trains as a recipe says, in the Spark that submitted it, or on this machine.")
final class TrainCommand implements Runnable {
  private static final String MODEL_FOLDER = "model";
  private static final String RECIPE = "recipe.yaml";

  @Spec private CommandSpec command;
  @Mixin private RecipeArguments arguments;

  @Override
  public void run() {
    PrintWriter out = command.commandLine().getOut();
    try {
      Recipe recipe = arguments.read();
      recipe.check();
      recipe.withoutMeaning().forEach((key, why) -> out.printf("%s: %s%n", key, why));
      try (LocalSpark session = LocalSpark.start("penstock train")) {
        train(recipe, session.spark(), out);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void train(Recipe recipe, SparkSession spark, PrintWriter out) throws IOException {
    Map<TrainerOption, Object> options = new EnumMap<>(TrainerOption.class);
    options.putAll(recipe.options());
    Configuration conf = spark.sparkContext().hadoopConfiguration();
    Object checkpoints = options.getOrDefault(TrainerOption.CHECKPOINT_PATH, "checkpoints");
    options.putIfAbsent(
        TrainerOption.OUTPUT_PATH, new Path((String) checkpoints, MODEL_FOLDER).toString());
    NamedModels models = ModelCache.of(with(options), spark.sparkContext(), out::println);
    new ModelSource(recipe, models, ModelPart.MODEL, options).apply();
    options.computeIfAbsent(
        TrainerOption.DP_SIZE, option -> ReplicaCount.of(spark.sparkContext(), options));
    String resolved = ResolvedRecipe.of(recipe, options);
    Dataset<Row> rows = new TrainingRows(spark, recipe, models, options).read();

    CausalLMTrainer trainer = with(options).setProgressLines(out::println);
    if (options.get(TrainerOption.CHECKPOINT_PATH) instanceof String folder) {
      write(resolved, folder, RECIPE, conf);
    }
    CausalLMModel model = trainer.fit(rows);
    write(resolved, model.modelPath(), RECIPE, conf);
    out.print(model.summary().lossCurve());
    out.print(model.summary().stageTable());
    out.printf(
        "The model is in %s, with the recipe that made it and metrics.jsonl.%n", model.modelPath());
  }

  private static CausalLMTrainer with(Map<TrainerOption, Object> options) {
    CausalLMTrainer trainer = new CausalLMTrainer();
    options.forEach(trainer::with);
    return trainer;
  }

  private static void write(String text, String folder, String name, Configuration conf)
      throws IOException {
    HadoopFolder.of(folder, conf).write(name, text.getBytes(StandardCharsets.UTF_8));
  }
}
