package dev.penstock.spark.cli;

import dev.penstock.spark.explain.BriefLook;
import dev.penstock.spark.explain.DataVolume;
import dev.penstock.spark.explain.FileVolume;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * How much data a recipe names, by the sizes of its files and, where those are lines of text, by
 * the first lines: what is cheap to know, without Spark.
 */
record DatasetSize(Recipe recipe, Configuration conf) {
  private static final String SECTION = "dataset";

  /**
   * Empty where the recipe names no files that are here, a part of them that cannot be told, or
   * storage that does not answer at once.
   */
  Optional<DataVolume> estimate() {
    return BriefLook.at(this::read);
  }

  private Optional<DataVolume> read() throws IOException {
    if (RandomRows.areOf(recipe, SECTION)) {
      RandomRows random = new RandomRows(recipe, SECTION);
      long made = random.rows(recipe.options());
      return Optional.of(
          new DataVolume(
              made * random.length(recipe.options()), OptionalLong.of(made), "made at random"));
    }
    RowSlice slice = RowSlice.parse(recipe.text(SECTION + ".split").orElse("train"));
    DatasetFiles files = new DatasetFiles(conf, SECTION);
    Optional<FileVolume> found = find(files, slice.split());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    return part(slice, found.get().volume());
  }

  /** The part of the rows that the recipe wants. */
  private Optional<DataVolume> part(RowSlice slice, DataVolume all) {
    Optional<Integer> limit = DatasetFiles.limit(recipe, SECTION);
    if (slice.isWhole() && limit.isEmpty()) {
      return Optional.of(all);
    }
    OptionalLong rows = all.rows();
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    long sliced = slice.count(rows.getAsLong());
    long wanted = limit.isPresent() ? Math.min(sliced, limit.get()) : sliced;
    double share = (double) wanted / Math.max(1, rows.getAsLong());
    return Optional.of(
        new DataVolume(Math.round(all.tokens() * share), OptionalLong.of(wanted), all.source()));
  }

  private Optional<FileVolume> find(DatasetFiles files, String split) throws IOException {
    long count = 0;
    long bytes = 0;
    Path first = null;
    for (String name : DatasetFiles.named(recipe, SECTION)) {
      if (name.startsWith(DatasetFiles.DELTA)) {
        return Optional.empty();
      }
      for (String path : files.ofSplit(name, split)) {
        FileSystem fs = new Path(path).getFileSystem(conf);
        ContentSummary summary = fs.getContentSummary(new Path(path));
        count += summary.getFileCount();
        bytes += summary.getLength();
        first = first == null ? new Path(path) : first;
      }
    }
    if (first == null) {
      return Optional.empty();
    }
    Optional<String> named = recipe.text(SECTION + ".format");
    String format = named.isPresent() ? named.get() : files.format(first.toString());
    return Optional.of(new FileVolume(conf, firstFile(first), format, count, bytes));
  }

  private Path firstFile(Path path) throws IOException {
    FileSystem fs = path.getFileSystem(conf);
    return Arrays.stream(fs.listStatus(path))
        .filter(FileStatus::isFile)
        .map(FileStatus::getPath)
        .filter(file -> !file.getName().matches("[._].*"))
        .sorted()
        .findFirst()
        .orElse(path);
  }
}
