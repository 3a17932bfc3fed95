package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import java.util.Arrays;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What the trainer and the model ask of a schema, and what they add to it. */
public final class ColumnCheck {
  private ColumnCheck() {}

  /**
   * The schema with the scoring columns.
   *
   * @throws ConfigException if the input column is missing or no string, or an output column exists
   */
  public static StructType transformSchema(ScoringParams<?> params, StructType schema) {
    StructField input = field(schema, params.getInputCol(), "inputCol");
    if (!(input.dataType() instanceof StringType)) {
      throw new ConfigException(
          "Column '%s' (inputCol) must be string, but is %s."
              .formatted(input.name(), input.dataType().catalogString()));
    }
    return with(
        with(
            schema,
            new StructField(params.getNllCol(), DataTypes.DoubleType, true, Metadata.empty())),
        new StructField(params.getTokenCountCol(), DataTypes.IntegerType, false, Metadata.empty()));
  }

  /**
   * Checks the column of the loss weights.
   *
   * @throws ConfigException if it is missing or not numeric
   */
  public static void checkWeight(StructType schema, String name) {
    StructField weight = field(schema, name, "weightCol");
    if (!(weight.dataType() instanceof NumericType)) {
      throw new ConfigException(
          "Column '%s' (weightCol) must be numeric, but is %s. Cast it, to double for example."
              .formatted(name, weight.dataType().catalogString()));
    }
  }

  /**
   * Checks the column that says which rows are validated on.
   *
   * @throws ConfigException if it is missing or not boolean
   */
  public static void checkIndicator(StructType schema, String name) {
    StructField indicator = field(schema, name, "validationIndicatorCol");
    if (!indicator.dataType().equals(DataTypes.BooleanType)) {
      throw new ConfigException(
          "Column '%s' (validationIndicatorCol) must be boolean, but is %s."
              .formatted(name, indicator.dataType().catalogString()));
    }
  }

  private static StructField field(StructType schema, String name, String param) {
    return Arrays.stream(schema.fields())
        .filter(field -> field.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "There is no column '%s' (%s). The columns are: %s."
                        .formatted(name, param, String.join(", ", schema.fieldNames()))));
  }

  private static StructType with(StructType schema, StructField added) {
    if (Arrays.asList(schema.fieldNames()).contains(added.name())) {
      throw new ConfigException(
          "Output column '%s' already exists. Name another with nllCol or tokenCountCol."
              .formatted(added.name()));
    }
    return schema.add(added);
  }
}
