package dev.penstock.spark.data;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.conv;
import static org.apache.spark.sql.functions.hex;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.lower;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.sha2;
import static org.apache.spark.sql.functions.substring;
import static org.apache.spark.sql.functions.when;

import dev.penstock.spark.interop.PartitionKeys;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;

/**
 * Which shard a row goes to, and its place there: by the first 64 bits of the SHA-256 of what it
 * is, then by its weight. The rows of one text would lie side by side so, and be packed into one
 * sequence; so the first one stays, and each further one goes where the hash with its number among
 * them says. Which row has which number does not matter, for they are sorted by all that they have.
 */
final class RowOrder {
  static final int SHA = 256;

  private static final long ROWS_PER_SHARD = 4096;
  private static final int MAX_SHARDS = 4096;
  private static final String HASH = "hash";
  private static final String NUMBER = "number";
  private static final String PLACE = "place";

  private RowOrder() {}

  /** The number of shards follows from the number of rows alone, not from the cluster. */
  static int numShards(long rows) {
    return (int) Math.max(1, Math.min(MAX_SHARDS, (rows + ROWS_PER_SHARD - 1) / ROWS_PER_SHARD));
  }

  /**
   * The rows that are to be ingested, a partition a shard, in their order within.
   *
   * @param rows those of {@link IngestRows}
   */
  static Dataset<Row> of(Dataset<Row> rows, int numShards) {
    Column first = col(NUMBER).equalTo(0);
    Column again = beginning(concat(col(HASH), lower(hex(col(NUMBER)))));
    Dataset<Row> placed =
        rows.filter(col(IngestRows.KIND).equalTo(RowKind.KEPT.name()))
            .withColumn(HASH, beginning(col(IngestRows.ROW)))
            .withColumn(
                NUMBER,
                row_number()
                    .over(
                        Window.partitionBy(col(HASH), col(IngestRows.ROW))
                            .orderBy(col(IngestRows.WEIGHT)))
                    .minus(1))
            .withColumn(PLACE, when(first, col(HASH)).otherwise(again));
    return PartitionKeys.repartition(placed, numShards, shard(col(PLACE), numShards))
        .sortWithinPartitions(col(PLACE), col(IngestRows.WEIGHT), col(IngestRows.ROW))
        .select(IngestRows.ROW, IngestRows.WEIGHT);
  }

  /** The first 16 hexadecimal digits of a hash. */
  static Column beginning(Column text) {
    return substring(sha2(text, SHA), 1, 16);
  }

  /** The remainder of what the digits say, which is beyond 63 bits. */
  static Column shard(Column digits, int numShards) {
    return conv(digits, 16, 10).cast("decimal(20, 0)").mod(lit(numShards)).cast("int");
  }
}
