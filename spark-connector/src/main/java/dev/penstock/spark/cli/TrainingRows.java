package dev.penstock.spark.cli;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.lit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** The frame that a recipe trains and validates on: a column of texts, and which to validate on. */
record TrainingRows(SparkSession spark, Recipe recipe, Map<TrainerOption, Object> options) {
  private static final String VALIDATED = "is_validation";

  /** Reads it, and sets the options that follow from it. */
  Dataset<Row> read() throws IOException {
    Dataset<Row> training = texts("dataset");
    if (recipe.section("validation_dataset").isEmpty()) {
      return training;
    }
    options.put(TrainerOption.VALIDATION_INDICATOR_COL, VALIDATED);
    return training
        .withColumn(VALIDATED, lit(false))
        .unionByName(texts("validation_dataset").withColumn(VALIDATED, lit(true)));
  }

  private Dataset<Row> texts(String section) throws IOException {
    Dataset<Row> rows = new DatasetSource(spark, recipe, section).read();
    String text = (String) options.getOrDefault(TrainerOption.INPUT_COL, "text");
    Optional<String> loader = recipe.text(section + "._target_");
    if (loader.isPresent()) {
      rows = rows.withColumn(text, wholeText(section, loader.get()));
    } else if (Arrays.equals(rows.columns(), new String[] {"value"})) {
      rows = rows.withColumnRenamed("value", text);
    }
    return rows.select(
        Stream.of(text, options.get(TrainerOption.WEIGHT_COL))
            .filter(name -> name != null)
            .map(name -> col((String) name))
            .toArray(Column[]::new));
  }

  /** Rows of questions and answers as texts of which every token counts. */
  private Column wholeText(String section, String loader) {
    boolean answersAlone =
        !Boolean.FALSE.equals(recipe.value(section + ".answer_only_loss_mask").orElse(true));
    if (answersAlone || !loader.contains("ColumnMappedTextInstruction")) {
      throw new ConfigException(
          "%s._target_ %s counts answers alone in the loss, which train does not do yet. Leave _target_ out, and name a column of whole texts by penstock.input_col."
              .formatted(section, Quoted.of(loader)));
    }
    return concat_ws(
        " ",
        Stream.of("context", "question", "answer")
            .map(role -> recipe.text(section + ".column_mapping." + role))
            .flatMap(Optional::stream)
            .map(name -> col(name))
            .toArray(Column[]::new));
  }
}
