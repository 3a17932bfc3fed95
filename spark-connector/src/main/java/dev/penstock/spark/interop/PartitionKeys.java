package dev.penstock.spark.interop;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.lit;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.unsafe.hash.Murmur3_x86_32;

/**
 * Sends each row to the partition that a column names. Spark has {@code repartitionById} for it
 * from 4.1 on; every version sends a row by the Murmur3 hash of its key, so that a key is found for
 * each partition.
 */
public final class PartitionKeys {
  /** Of Spark's hash expression. */
  private static final int SEED = 42;

  private static final String KEY = "partitionKey";

  private PartitionKeys() {}

  /**
   * The rows, each in the partition of its number.
   *
   * @param partition an int column, from 0 and below {@code partitions}
   */
  public static Dataset<Row> repartition(Dataset<Row> rows, int partitions, Column partition) {
    return rows.withColumn(KEY, element_at(lit(keys(partitions)), partition.plus(1)))
        .repartition(partitions, col(KEY))
        .drop(KEY);
  }

  private static int[] keys(int partitions) {
    int[] keys = new int[partitions];
    boolean[] found = new boolean[partitions];
    int left = partitions;
    for (int key = 0; left > 0; key++) {
      int partition = Math.floorMod(Murmur3_x86_32.hashInt(key, SEED), partitions);
      if (!found[partition]) {
        found[partition] = true;
        keys[partition] = key;
        left--;
      }
    }
    return keys;
  }
}
