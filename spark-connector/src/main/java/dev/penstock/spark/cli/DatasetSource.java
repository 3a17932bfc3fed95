package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
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
  private static final List<String> PATHS =
      List.of("path_or_dataset", "path_or_dataset_id", "dataset_name", "table_path", "paths");
  private static final String DELTA = "delta://";

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
              texts(columns.get()).stream()
                  .map(functions::col)
                  .toArray(org.apache.spark.sql.Column[]::new));
    }
    Dataset<Row> sliced = slice.of(rows);
    return Stream.of("limit_dataset_samples", "num_samples_limit")
        .map(this::value)
        .flatMap(Optional::stream)
        .findFirst()
        .map(limit -> sliced.limit(((Number) limit).intValue()))
        .orElse(sliced);
  }

  private Dataset<Row> all(String split, List<String> asJson) throws IOException {
    Optional<String> query = text("sql_query").or(() -> text("delta_sql_query"));
    if (query.isPresent()) {
      return spark.sql(query.get());
    }
    Object named =
        PATHS.stream()
            .map(this::value)
            .flatMap(Optional::stream)
            .findFirst()
            .orElseThrow(
                () ->
                    new ConfigException(
                        "%s names no data. Set %s.path_or_dataset to a path or a table."
                            .formatted(section, section)));
    List<String> names = texts(named);
    if (names.size() == 1 && names.get(0).startsWith(DELTA)) {
      String name = names.get(0).substring(DELTA.length());
      return name.contains("/") ? reader("delta").load(name) : reader("delta").table(name);
    }
    List<String> paths = new ArrayList<>();
    for (String name : names) {
      List<String> found = ofSplit(name, split);
      if (found.isEmpty() && names.size() == 1 && isTable(name)) {
        return reader("parquet").table(name);
      }
      if (found.isEmpty()) {
        throw missing(name);
      }
      paths.addAll(found);
    }
    String format = text("format").orElseGet(() -> format(paths.get(0)));
    Dataset<Row> rows = reader(format).load(paths.toArray(String[]::new));
    return format.equals("json") && !asJson.isEmpty()
        ? reader(format).schema(asText(rows.schema(), asJson)).load(paths.toArray(String[]::new))
        : rows;
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

  /** What there is of a split at a path; the path itself where it has no splits. */
  private List<String> ofSplit(String name, String split) throws IOException {
    Path path = new Path(name);
    FileSystem files = path.getFileSystem(spark.sparkContext().hadoopConfiguration());
    FileStatus[] found = files.globStatus(path);
    if (found == null || found.length == 0) {
      return List.of();
    }
    if (found.length == 1 && found[0].isDirectory()) {
      List<Path> ofSplit =
          Arrays.stream(files.listStatus(found[0].getPath()))
              .map(FileStatus::getPath)
              .filter(file -> file.getName().matches("\\Q" + split + "\\E([-._].*)?"))
              .toList();
      if (!ofSplit.isEmpty()) {
        return ofSplit.stream().map(Path::toString).toList();
      }
    }
    if (!split.equals("train")) {
      throw new ConfigException(
          "%s has no split '%s': there is neither %s/%s nor a file of that name. Set %s.path_or_dataset to its rows, or %s.split to a part such as train[:64]."
              .formatted(Quoted.of(name), split, Quoted.plain(name), split, section, section));
    }
    return Arrays.stream(found).map(FileStatus::getPath).map(Path::toString).toList();
  }

  /** By the name of the file, or of a file in the folder; Parquet if it says nothing. */
  private String format(String path) {
    try {
      Path first = new Path(path);
      FileSystem files = first.getFileSystem(spark.sparkContext().hadoopConfiguration());
      if (files.getFileStatus(first).isDirectory()) {
        if (files.exists(new Path(first, "_delta_log"))) {
          return "delta";
        }
        return Arrays.stream(files.listStatus(first))
            .map(file -> file.getPath().getName())
            .filter(name -> !name.startsWith("_") && !name.startsWith("."))
            .sorted()
            .findFirst()
            .map(DatasetSource::formatOf)
            .orElse("parquet");
      }
      return formatOf(first.getName());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String formatOf(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceFirst("\\.(gz|bz2|zst|snappy|lz4)$", "");
    return switch (plain.substring(plain.lastIndexOf('.') + 1)) {
      case "json", "jsonl", "ndjson" -> "json";
      case "csv" -> "csv";
      case "tsv" -> "tsv";
      case "txt", "text" -> "text";
      case "orc" -> "orc";
      case "avro" -> "avro";
      default -> "parquet";
    };
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

  private static List<String> texts(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value));
  }
}
