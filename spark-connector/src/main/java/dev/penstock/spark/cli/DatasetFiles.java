package dev.penstock.spark.cli;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Quoted;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * The files that a section of a recipe names, and their format.
 *
 * @param section {@code dataset} or {@code validation_dataset}
 */
record DatasetFiles(Configuration conf, String section) {
  /** In front of the name of a table. */
  static final String DELTA = "delta://";

  private static final List<String> PATHS =
      List.of("path_or_dataset", "path_or_dataset_id", "dataset_name", "table_path", "paths");

  /** Paths or tables as the section names them; empty: it names none. */
  static List<String> named(Recipe recipe, String section) {
    return PATHS.stream()
        .map(key -> recipe.value(section + "." + key))
        .flatMap(Optional::stream)
        .findFirst()
        .map(DatasetFiles::texts)
        .orElse(List.of());
  }

  /** How many rows at most the section wants of those that are there. */
  static Optional<Integer> limit(Recipe recipe, String section) {
    return Stream.of("limit_dataset_samples", "num_samples_limit")
        .map(key -> recipe.value(section + "." + key))
        .flatMap(Optional::stream)
        .findFirst()
        .map(limit -> ((Number) limit).intValue());
  }

  /** What there is of a split at a path; the path itself where it has no splits. */
  List<String> ofSplit(String name, String split) throws IOException {
    Path path = new Path(name);
    FileSystem files = path.getFileSystem(conf);
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
  String format(String path) throws IOException {
    Path first = new Path(path);
    FileSystem files = first.getFileSystem(conf);
    if (files.getFileStatus(first).isDirectory()) {
      if (files.exists(new Path(first, "_delta_log"))) {
        return "delta";
      }
      return Arrays.stream(files.listStatus(first))
          .map(file -> file.getPath().getName())
          .filter(name -> !name.startsWith("_") && !name.startsWith("."))
          .sorted()
          .findFirst()
          .map(DatasetFiles::formatOf)
          .orElse("parquet");
    }
    return formatOf(first.getName());
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

  static List<String> texts(Object value) {
    return value instanceof List<?> list
        ? list.stream().map(String::valueOf).toList()
        : List.of(String.valueOf(value));
  }
}
