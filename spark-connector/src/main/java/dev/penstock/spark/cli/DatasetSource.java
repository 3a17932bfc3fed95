package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The rows that a section of a recipe names: files of any format of Spark, a folder of them, a
 * table, or what a query gives; then its split and its limit.
 *
 * @param section {@code dataset} or {@code validation_dataset}
 */
record DatasetSource(SparkSession spark, Recipe recipe, String section) {
  Dataset<Row> read() throws IOException {
    return read(List.of());
  }

  /**
   * Reads the rows.
   *
   * @param asJson columns that come as they are written where the rows are in JSON files: one type
   *     for all rows would give each the keys of all others
   */
  Dataset<Row> read(List<String> asJson) throws IOException {
    RowSlice slice = RowSlice.parse(text("split").orElse("train"));
    Dataset<Row> rows = all(slice.split(), asJson);
    Optional<Object> columns = value("columns");
    if (columns.isPresent()) {
      rows =
          rows.select(
              DatasetFiles.texts(columns.get()).stream()
                  .map(functions::col)
                  .toArray(org.apache.spark.sql.Column[]::new));
    }
    Dataset<Row> sliced = slice.of(rows);
    return DatasetFiles.limit(recipe, section).map(sliced::limit).orElse(sliced);
  }

  private Dataset<Row> all(String split, List<String> asJson) throws IOException {
    Optional<String> query = text("sql_query").or(() -> text("delta_sql_query"));
    if (query.isPresent()) {
      return spark.sql(query.get());
    }
    List<String> names = DatasetFiles.named(recipe, section);
    if (names.isEmpty()) {
      throw new ConfigException(
          "%s names no data. Set %s.path_or_dataset to a path or a table."
              .formatted(section, section));
    }
    if (names.size() == 1 && names.get(0).startsWith(DatasetFiles.DELTA)) {
      String name = names.get(0).substring(DatasetFiles.DELTA.length());
      return name.contains("/") ? reader("delta").load(name) : reader("delta").table(name);
    }
    DatasetFiles files = files();
    List<String> paths = new ArrayList<>();
    for (String name : names) {
      List<String> found = files.ofSplit(name, split);
      if (found.isEmpty() && names.size() == 1 && isTable(name)) {
        return reader("parquet").table(name);
      }
      if (found.isEmpty()) {
        throw missing(name);
      }
      paths.addAll(found);
    }
    String format = text("format").isPresent() ? text("format").get() : files.format(paths.get(0));
    Dataset<Row> rows = reader(format).load(paths.toArray(String[]::new));
    return format.equals("json") && !asJson.isEmpty()
        ? reader(format).schema(asText(rows.schema(), asJson)).load(paths.toArray(String[]::new))
        : rows;
  }

  private DatasetFiles files() {
    return new DatasetFiles(spark.sparkContext().hadoopConfiguration(), section);
  }

  private static StructType asText(StructType schema, List<String> columns) {
    StructType changed = new StructType();
    for (StructField field : schema.fields()) {
      changed =
          changed.add(
              field.name(),
              columns.contains(field.name()) ? DataTypes.StringType : field.dataType(),
              true);
    }
    return changed;
  }

  private boolean isTable(String name) {
    return name.matches("[\\w.`-]+") && spark.catalog().tableExists(name);
  }

  private ConfigException missing(String name) {
    return new ConfigException(
        "%s: there is no file, folder or table %s. Nothing is downloaded: set %s.path_or_dataset to where the rows are, as Parquet, JSON, CSV or text."
            .formatted(section, Quoted.of(name), section));
  }

  private DataFrameReader reader(String format) {
    boolean table = format.equals("csv") || format.equals("tsv");
    DataFrameReader reader = spark.read().format(format.equals("tsv") ? "csv" : format);
    if (table) {
      reader.option("header", true);
    }
    if (format.equals("tsv")) {
      reader.option("sep", "\t");
    }
    text("version").or(() -> text("delta_version")).ifPresent(v -> reader.option("versionAsOf", v));
    for (Map.Entry<String, Object> option : recipe.section(section + ".options").entrySet()) {
      reader.option(option.getKey(), String.valueOf(option.getValue()));
    }
    return reader;
  }

  private Optional<Object> value(String key) {
    return recipe.value(section + "." + key);
  }

  private Optional<String> text(String key) {
    return value(key).map(String::valueOf);
  }
}
