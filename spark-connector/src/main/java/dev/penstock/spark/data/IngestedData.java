package dev.penstock.spark.data;

import dev.penstock.datasets.pack.PackingStats;
import java.io.Serializable;

/**
 * What ingesting did.
 *
 * @param rows what the rows were
 * @param packing what became of their tokens
 * @param shards shard files written
 */
public record IngestedData(RowCounts rows, PackingStats packing, int shards)
    implements Serializable {
  /** Rows that could not be read, and were left out. */
  public long unreadableRows() {
    return rows.usableRows() - packing.documents();
  }
}
