package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat_ws;
import static org.apache.spark.sql.functions.conv;
import static org.apache.spark.sql.functions.count_if;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * What one pass over the rows of a frame finds, before any is tokenized.
 *
 * @param counts what the rows are
 * @param digest tells the rows that are to be ingested apart from others, whatever their order: the
 *     sums of 128 bits, 32 at a time, of the SHA-256 of each with its weight
 * @param largestWeight of the rows that are to be ingested; 1 if there are no weights
 */
public record RowTally(RowCounts counts, String digest, double largestWeight) {
  private static final RowKind[] KINDS = RowKind.values();
  private static final int SUMS = 4;
  private static final int DIGITS_OF_SUM = 8;

  /** Computes the rows. */
  static RowTally of(Dataset<Row> rows) {
    Column kept = col(IngestRows.KIND).equalTo(RowKind.KEPT.name());
    Column weight = col(IngestRows.WEIGHT);
    Column hash =
        when(kept, sha2(concat_ws(" ", weight.cast("string"), col(IngestRows.ROW)), RowOrder.SHA));
    List<Column> found = new ArrayList<>();
    for (RowKind kind : KINDS) {
      found.add(count_if(col(IngestRows.KIND).equalTo(kind.name())));
    }
    for (int i = 0; i < SUMS; i++) {
      Column digits = substring(col("hash"), 1 + i * DIGITS_OF_SUM, DIGITS_OF_SUM);
      found.add(coalesce(sum(conv(digits, 16, 10).cast("bigint")), lit(0L)));
    }
    found.add(coalesce(max(when(kept, weight)), lit(1.0)));
    Row all =
        rows.withColumn("hash", hash)
            .agg(found.get(0), found.subList(1, found.size()).toArray(Column[]::new))
            .first();
    long[] byKind = new long[KINDS.length];
    for (int i = 0; i < KINDS.length; i++) {
      byKind[i] = all.getLong(i);
    }
    StringBuilder digest = new StringBuilder();
    for (int i = 0; i < SUMS; i++) {
      digest.append(all.getLong(KINDS.length + i)).append(' ');
    }
    return new RowTally(
        RowCounts.of(byKind), digest.toString(), all.getDouble(KINDS.length + SUMS));
  }
}
