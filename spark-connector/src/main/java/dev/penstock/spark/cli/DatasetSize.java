package dev.penstock.spark.cli;

import dev.penstock.spark.explain.DataVolume;
import dev.penstock.spark.recipe.Recipe;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much data a recipe names, by the sizes of its files and, where those are lines of text, by
 * the first lines: what is cheap to know, without Spark.
 */
record DatasetSize(Recipe recipe, Configuration conf) {
  private static final Logger log = LoggerFactory.getLogger(DatasetSize.class);
  private static final String SECTION = "dataset";
  private static final Set<String> LINES = Set.of("text", "json", "csv", "tsv");
  private static final int SAMPLED_BYTES = 1 << 18;

  /** English, and the markup of JSON and CSV. */
  private static final long BYTES_PER_TOKEN = 4;

  /** The same in columns or compressed. */
  private static final long COMPRESSED_BYTES_PER_TOKEN = 2;

  private static final double MEGA = 1e6;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** What was found in storage. */
  private record Found(Path first, String format, long files, long bytes) {
    boolean isCompressed() {
      return first.getName().matches(".*\\.(gz|bz2|zst|snappy|lz4)");
    }

    String source(String named, long bytesPerToken) {
      return String.format(
          Locale.ROOT,
          "%,d %s, %.1f MB of %s, taken for %d bytes a token",
          files,
          files == 1 ? "file" : "files",
          bytes / MEGA,
          named,
          bytesPerToken);
    }
  }

  /**
   * Empty where the recipe names no files that are here, a part of them that cannot be told, or
   * storage that does not answer at once.
   */
  Optional<DataVolume> estimate() {
    FutureTask<Optional<DataVolume>> sizes = new FutureTask<>(this::read);
    Thread reader = new Thread(sizes, "penstock-data-size");
    reader.setDaemon(true);
    reader.start();
    try {
      return sizes.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return untold(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return untold(e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException unreadable) {
        return untold(unreadable); // explain works where the data are not
      }
      throw e.getCause() instanceof RuntimeException other ? other : new IllegalStateException(e);
    } finally {
      reader.interrupt();
    }
  }

  private static Optional<DataVolume> untold(Exception e) {
    log.info("The size of the data is not told: {}", e.toString());
    return Optional.empty();
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
    Optional<Found> found = find(files, slice.split());
    if (found.isEmpty()) {
      return Optional.empty();
    }
    String format = recipe.text(SECTION + ".format").orElse(found.get().format);
    boolean lines = LINES.contains(format) && !found.get().isCompressed();
    OptionalLong rows = lines ? rows(found.get()) : OptionalLong.empty();
    long perToken = lines ? BYTES_PER_TOKEN : COMPRESSED_BYTES_PER_TOKEN;
    return part(slice, found.get().bytes / perToken, rows, found.get().source(format, perToken));
  }

  /** The part of the rows that the recipe wants. */
  private Optional<DataVolume> part(RowSlice slice, long tokens, OptionalLong rows, String source) {
    Optional<Integer> limit = DatasetFiles.limit(recipe, SECTION);
    if (slice.isWhole() && limit.isEmpty()) {
      return Optional.of(new DataVolume(tokens, rows, source));
    }
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    long sliced = slice.count(rows.getAsLong());
    long wanted = limit.isPresent() ? Math.min(sliced, limit.get()) : sliced;
    double share = (double) wanted / Math.max(1, rows.getAsLong());
    return Optional.of(new DataVolume(Math.round(tokens * share), OptionalLong.of(wanted), source));
  }

  private Optional<Found> find(DatasetFiles files, String split) throws IOException {
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
    return first == null
        ? Optional.empty()
        : Optional.of(new Found(firstFile(first), files.format(first.toString()), count, bytes));
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

  /** By the length of the first lines. */
  private OptionalLong rows(Found found) throws IOException {
    try (FSDataInputStream in = found.first.getFileSystem(conf).open(found.first)) {
      byte[] sample = in.readNBytes(SAMPLED_BYTES);
      long lines = 0;
      for (byte b : sample) {
        lines += b == '\n' ? 1 : 0;
      }
      return lines == 0
          ? OptionalLong.empty()
          : OptionalLong.of(Math.round((double) lines * found.bytes / sample.length));
    } catch (IOException e) {
      return OptionalLong.empty(); // a folder of folders, for example
    }
  }
}
