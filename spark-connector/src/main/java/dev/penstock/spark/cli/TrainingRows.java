package dev.penstock.spark.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.fs.ModelPaths;
import dev.penstock.spark.fs.NamedModels;
import dev.penstock.spark.fs.TokenizerFolder;
import dev.penstock.spark.hub.ModelPart;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The frame that a recipe trains and validates on: the columns that make a row, perhaps its weight,
 * and which to validate on.
 */
record TrainingRows(
    SparkSession spark, Recipe recipe, NamedModels models, Map<TrainerOption, Object> options) {
  private static final String VALIDATED = "is_validation";

  /** Options that name the columns of a row, with the names that columns get here. */
  private static final Map<TrainerOption, String> NAMES =
      new EnumMap<>(
          Map.of(
              TrainerOption.INPUT_COL, "text",
              TrainerOption.MESSAGES_COL, "messages",
              TrainerOption.TOOLS_COL, "tools",
              TrainerOption.PROMPT_COL, "prompt",
              TrainerOption.COMPLETION_COL, "completion",
              TrainerOption.TOKENS_COL, "tokens",
              TrainerOption.LABELS_COL, "labels"));

  /** Reads it, and sets the options that follow from it. */
  Dataset<Row> read() throws IOException {
    Optional<String> loader = recipe.text("dataset._target_");
    Dataset<Row> training = loader.isPresent() ? loaded("dataset") : named("dataset");
    if (recipe.section("validation_dataset").isEmpty()) {
      return training;
    }
    Dataset<Row> validation = validation(loader);
    options.put(TrainerOption.VALIDATION_INDICATOR_COL, VALIDATED);
    return training
        .withColumn(VALIDATED, lit(false))
        .unionByName(validation.withColumn(VALIDATED, lit(true)));
  }

  private Dataset<Row> validation(Optional<String> loader) throws IOException {
    String section = "validation_dataset";
    if (recipe.text(section + "._target_").isEmpty()) {
      return named(section);
    }
    Map<TrainerOption, Object> before = new EnumMap<>(options);
    loader.ifPresent(name -> options.keySet().removeAll(NAMES.keySet()));
    Dataset<Row> rows = loaded(section);
    if (!options.equals(before)) {
      throw new ConfigException(
          "validation_dataset._target_ %s makes other rows than dataset._target_ %s. Use one loader for both, with the same answer_only_loss_mask."
              .formatted(
                  Quoted.of(recipe.text(section + "._target_").orElseThrow()),
                  Quoted.of(loader.orElse("none"))));
    }
    return rows;
  }

  /** Rows as they are: of the columns that the options name. */
  private Dataset<Row> named(String section) throws IOException {
    Dataset<Row> rows = source(section).read();
    List<String> columns =
        NAMES.keySet().stream()
            .map(options::get)
            .filter(name -> name != null)
            .map(String.class::cast)
            .toList();
    if (columns.isEmpty()) {
      String text = NAMES.get(TrainerOption.INPUT_COL);
      columns = List.of(text);
      if (Arrays.equals(rows.columns(), new String[] {"value"})) {
        rows = rows.withColumnRenamed("value", text);
      }
    }
    return withWeight(rows, columns.stream().map(name -> col(name)));
  }

  /** Rows that the loader of a section makes. */
  private Dataset<Row> loaded(String section) throws IOException {
    String target = recipe.text(section + "._target_").orElseThrow();
    NAMES.keySet().stream()
        .filter(options::containsKey)
        .findFirst()
        .ifPresent(
            option -> {
              throw new ConfigException(
                  "%s._target_ %s says which columns make a row, and so does %s. Leave one out."
                      .formatted(section, Quoted.of(target), option.recipeKey()));
            });
    RecipeLoader loader = RecipeLoader.of(section, target);
    Dataset<Row> rows =
        switch (loader) {
          case CHAT -> source(section).read(RecipeLoader.JSON_COLUMNS);
          case RANDOM -> new RandomRows(recipe, section).read(spark, options);
          default -> source(section).read();
        };
    RecipeLoader.Section of = new RecipeLoader.Section(recipe, section, rows, hasTemplate());
    Map<TrainerOption, Column> columns = loader.columns(of);
    columns.keySet().forEach(option -> options.put(option, NAMES.get(option)));
    options.putAll(loader.options(of));
    return withWeight(
        rows,
        columns.entrySet().stream().map(made -> made.getValue().as(NAMES.get(made.getKey()))));
  }

  private Dataset<Row> withWeight(Dataset<Row> rows, Stream<Column> columns) {
    Object weight = options.get(TrainerOption.WEIGHT_COL);
    return rows.select(
        Stream.concat(columns, Stream.ofNullable(weight).map(name -> col((String) name)))
            .toArray(Column[]::new));
  }

  private DatasetSource source(String section) {
    return new DatasetSource(spark, recipe, section);
  }

  /** Whether there is a chat template, of the recipe or of the tokenizer. */
  private boolean hasTemplate() throws IOException {
    if (options.containsKey(TrainerOption.CHAT_TEMPLATE)) {
      return true;
    }
    Configuration conf = models.conf();
    String named = (String) options.get(TrainerOption.TOKENIZER_PATH);
    String model = (String) options.get(TrainerOption.MODEL_PATH);
    if (named == null && model == null) {
      return false; // there is no tokenizer, as the fit will say
    }
    String base = (String) options.get(TrainerOption.BASE_MODEL_PATH);
    String tokenizer =
        named == null
            ? ModelPaths.find(model, base, models, ModelPart.MODEL).tokenizer(conf)
            : models.find(named, ModelPart.TOKENIZER).folder();
    return !ChatTemplates.of(TokenizerFolder.read(tokenizer, conf)).byName().isEmpty();
  }
}
