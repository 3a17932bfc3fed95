package dev.penstock.spark.params;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.ColumnNames;
import java.util.Arrays;
import java.util.Locale;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** What the stages ask of a schema, and what they add to it. */
public final class ColumnCheck {
  private static final int MAX_LISTED = 1_000;

  private ColumnCheck() {}

  /**
   * The schema with the scoring columns.
   *
   * @param rows the columns that are scored
   * @throws ConfigException if one of them is missing or of another type, or an output column
   *     exists
   */
  public static StructType transformSchema(
      ScoringParams<?> params, RowColumns rows, StructType schema) {
    rows.check(schema);
    StructType output = schema;
    for (StructField added : added(params).fields()) {
      output = with(output, added, "nllCol or tokenCountCol");
    }
    return output;
  }

  /**
   * The schema with the column of generated texts.
   *
   * @throws ConfigException if the input column is missing or no string, or the output column
   *     exists
   */
  public static StructType transformSchema(GeneratorParams<?> params, StructType schema) {
    checkText(schema, params.getInputCol());
    return with(schema, added(params).fields()[0], "outputCol");
  }

  private static void checkText(StructType schema, String name) {
    StructField input = field(schema, name, "inputCol");
    if (!(input.dataType() instanceof StringType)) {
      throw new ConfigException(
          "Column '%s' (inputCol) must be string, but is %s."
              .formatted(input.name(), input.dataType().catalogString()));
    }
  }

  /** The scoring columns. */
  public static StructType added(ScoringParams<?> params) {
    return new StructType()
        .add(params.getNllCol(), DataTypes.DoubleType, true)
        .add(params.getTokenCountCol(), DataTypes.IntegerType, false);
  }

  /** The column of generated texts. */
  public static StructType added(GeneratorParams<?> params) {
    return new StructType().add(params.getOutputCol(), DataTypes.StringType, true);
  }

  /** A column of a frame whose schema was checked, by the Param that names it. */
  public static Column input(String name, String param, Dataset<?> frame) {
    try {
      return ColumnNames.resolve(frame, name);
    } catch (AnalysisException e) {
      throw new ConfigException("Cannot read column '%s' (%s).".formatted(name, param), e);
    }
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

  static StructField field(StructType schema, String name, String param) {
    try {
      return ColumnNames.field(schema, name);
    } catch (AnalysisException e) {
      String columns = listed(schema);
      throw new ConfigException(
          ColumnNames.isAmbiguous(e)
              ? String.format(
                  Locale.ROOT,
                  "There are %d columns '%s' (%s), so which one is meant is not clear. Rename or"
                      + " drop all but one. The columns are: %s.",
                  count(schema, name),
                  name,
                  param,
                  columns)
              : "There is no column '%s' (%s). The columns are: %s."
                  .formatted(name, param, columns),
          e);
    }
  }

  private static long count(StructType schema, String name) {
    String first = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
    return Arrays.stream(schema.fieldNames())
        .filter(column -> ColumnNames.same(column, name) || ColumnNames.same(column, first))
        .count();
  }

  /** Column names as far as a message has room for them. */
  private static String listed(StructType schema) {
    String all = String.join(", ", schema.fieldNames());
    return all.length() <= MAX_LISTED ? all : all.substring(0, MAX_LISTED) + " ...";
  }

  private static StructType with(StructType schema, StructField added, String params) {
    for (String name : schema.fieldNames()) {
      if (ColumnNames.same(name, added.name())) {
        throw new ConfigException(
            "Output column '%s' already exists%s. Name another with %s."
                .formatted(
                    added.name(), name.equals(added.name()) ? "" : " as '" + name + "'", params));
      }
    }
    return schema.add(added);
  }
}
