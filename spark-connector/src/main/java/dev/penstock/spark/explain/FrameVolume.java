package dev.penstock.spark.explain;

import static org.apache.spark.sql.functions.length;
import static org.apache.spark.sql.functions.size;

import dev.penstock.datasets.format.RowForm;
import dev.penstock.spark.interop.PlanSize;
import dev.penstock.spark.params.ColumnCheck;
import dev.penstock.spark.params.RowColumns;
import dev.penstock.spark.params.TrainerParams;
import java.net.URI;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How much a frame has to train on, as far as its plan tells: no job is started for it. */
final class FrameVolume {
  private static final Logger log = LoggerFactory.getLogger(FrameVolume.class);
  private static final double MEGA = 1e6;

  private FrameVolume() {}

  /** The volume of a frame whose columns were checked; empty: only running it would tell. */
  static Optional<DataVolume> of(TrainerParams<?> params, Dataset<?> frame) {
    try {
      Optional<DataVolume> local = ofLocalRows(RowColumns.of(params, LocalDateTime.now()), frame);
      PlanSize size = local.isPresent() ? null : PlanSize.of(frame);
      if (size == null) {
        return local;
      }
      Configuration conf = frame.sparkSession().sparkContext().hadoopConfiguration();
      return BriefLook.at(() -> read(size, conf));
    } catch (RuntimeException | LinkageError e) { // whatever a source of data may throw
      log.info("The size of the data is not told: {}", e.toString());
      return Optional.empty();
    }
  }

  /** Rows that the driver has: their lengths are counted. */
  private static Optional<DataVolume> ofLocalRows(RowColumns rows, Dataset<?> frame) {
    boolean tokens = rows.form() instanceof RowForm.Tokens;
    Column units =
        tokens ? size(tokens(rows, frame)) : length(rows.of(frame)); // of JSON, where it is that
    Dataset<Row> lengths = frame.toDF().select(units);
    if (!PlanSize.isLocal(lengths)) {
      return Optional.empty();
    }
    List<Integer> counted =
        lengths.collectAsList().stream()
            .filter(row -> !row.isNullAt(0) && row.getInt(0) > 0)
            .map(row -> row.getInt(0))
            .toList();
    long sum = counted.stream().mapToLong(Integer::longValue).sum();
    return Optional.of(
        new DataVolume(
            tokens ? sum : sum / FileVolume.BYTES_PER_TOKEN,
            OptionalLong.of(counted.size()),
            tokens
                ? "counted"
                : String.format(
                    Locale.ROOT,
                    "%,d characters, taken for %d a token",
                    sum,
                    FileVolume.BYTES_PER_TOKEN)));
  }

  private static Column tokens(RowColumns rows, Dataset<?> frame) {
    RowColumns.Part part = rows.parts().get(0);
    return ColumnCheck.input(part.name(), part.option().paramName(), frame);
  }

  private static Optional<DataVolume> read(PlanSize size, Configuration conf) {
    return limited(withRows(volume(size, conf), size.rows()), size.most())
        .map(
            volume ->
                size.fewer()
                    ? new DataVolume(
                        volume.tokens(), volume.rows(), volume.source() + ", before filters")
                    : volume);
  }

  private static DataVolume volume(PlanSize size, Configuration conf) {
    PlanSize.Files files = size.files();
    if (files != null && !files.paths().isEmpty()) {
      Path first = new Path(URI.create(files.paths().get(0)));
      return new FileVolume(conf, first, files.format(), files.paths().size(), size.bytes())
          .volume();
    }
    return new DataVolume(
        size.bytes() / FileVolume.COMPRESSED_BYTES_PER_TOKEN,
        OptionalLong.empty(),
        String.format(
            Locale.ROOT,
            "%.1f MB by Spark's statistics, taken for %d bytes a token",
            size.bytes() / MEGA,
            FileVolume.COMPRESSED_BYTES_PER_TOKEN));
  }

  private static DataVolume withRows(DataVolume volume, OptionalLong counted) {
    return counted.isPresent() ? new DataVolume(volume.tokens(), counted, volume.source()) : volume;
  }

  /** The part of it that a limit lets through; nobody knows which of rows that nobody counted. */
  private static Optional<DataVolume> limited(DataVolume all, OptionalLong most) {
    if (most.isEmpty()) {
      return Optional.of(all);
    }
    if (all.rows().isEmpty()) {
      return Optional.empty();
    }
    long rows = all.rows().getAsLong();
    long kept = Math.min(rows, most.getAsLong());
    long tokens = Math.round((double) all.tokens() * kept / Math.max(1, rows));
    return Optional.of(new DataVolume(tokens, OptionalLong.of(kept), all.source()));
  }
}
