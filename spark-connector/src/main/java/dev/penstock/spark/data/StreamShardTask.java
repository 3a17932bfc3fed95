package dev.penstock.spark.data;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.shard.ShardTotals;
import dev.penstock.spark.interop.JavaBytes;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Makes the shard of a partition of a stream, and checks its rows, which nobody has read before.
 */
final class StreamShardTask implements FlatMapFunction<Iterator<Row>, byte[]> {
  private static final long serialVersionUID = 1L;
  private static final RowKind[] KINDS = RowKind.values();

  private final IngestShard writing;
  private final boolean skipNulls;
  private final String described;

  StreamShardTask(IngestSpec spec, IngestShard writing) {
    this.writing = writing;
    this.skipNulls = spec.skipNulls();
    this.described = spec.source().described();
  }

  /**
   * Writes a shard.
   *
   * @param rows of the columns {@link IngestRows#ROW}, {@link IngestRows#WEIGHT} and {@link
   *     IngestRows#KIND}
   */
  @Override
  public Iterator<byte[]> call(Iterator<Row> rows) throws IOException {
    Kept kept = new Kept(rows);
    IngestShard.Result result = writing.write(kept);
    ShardTotals totals =
        new ShardTotals(
            1, Arrays.stream(kept.counts).boxed().toList(), result.stats(), result.labels());
    return List.of(JavaBytes.of(new StreamedShard(result.info(), totals))).iterator();
  }

  private void check(RowKind kind) {
    String problem =
        switch (kind) {
          case NULL_ROW -> skipNulls ? null : described + " is null";
          case NULL_WEIGHT -> skipNulls ? null : "weightCol is null";
          case INVALID_WEIGHT -> "weightCol is NaN, infinite or negative";
          case KEPT, EMPTY_ROW, ZERO_WEIGHT -> null;
        };
    if (problem != null) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "%s in a row of partition %d of the frame. Drop such rows%s.",
              problem,
              TaskContext.getPartitionId(),
              kind == RowKind.INVALID_WEIGHT ? "" : ", or set handleInvalid to 'skip'"));
    }
  }

  /** The rows that are ingested, of all rows. */
  private final class Kept implements Iterator<Row> {
    private final long[] counts = new long[KINDS.length];
    private final Iterator<Row> all;
    private @Nullable Row next;

    private Kept(Iterator<Row> all) {
      this.all = all;
    }

    @Override
    public boolean hasNext() {
      while (next == null && all.hasNext()) {
        Row row = all.next();
        RowKind kind = RowKind.valueOf(row.getString(2));
        counts[kind.ordinal()]++;
        check(kind);
        next = kind == RowKind.KEPT ? row : null;
      }
      return next != null;
    }

    @Override
    public Row next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      Row row = next;
      next = null;
      return row;
    }
  }
}
