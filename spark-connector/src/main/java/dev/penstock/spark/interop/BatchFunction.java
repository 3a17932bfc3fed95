package dev.penstock.spark.interop;

import java.io.Serializable;
import java.util.List;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A function of a string column that is cheaper for many rows at once than for each alone. */
public interface BatchFunction extends Serializable {
  /**
   * The values of some rows that follow each other.
   *
   * @param texts one a row
   * @param place where the first of them is
   * @param progress told, as the work goes on, how much more of it is done, in {@link #unit}s
   * @return for each row the values of the added columns: null, String, Double, Integer, Long or
   *     Boolean
   */
  List<Object[]> apply(List<@Nullable String> texts, RowPlace place, LongConsumer progress);

  /** What progress counts, as Spark's UI calls it: one row may be much work. */
  String unit();

  /**
   * Where a row is, for messages.
   *
   * @param partition number of the partition; -1: unknown
   * @param row number of the row among those of the partition that are computed, from 0
   */
  record RowPlace(int partition, long row) {
    /** Rows come one by one, and nobody knows from where. */
    public static final RowPlace UNKNOWN = new RowPlace(-1, 0);
  }
}
