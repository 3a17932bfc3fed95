package dev.penstock.datasets.shard;

import dev.penstock.datasets.pack.PackingStats;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * What went into some shards of a stream.
 *
 * @param shards how many shards they are
 * @param rows how many rows there were of each kind, which the writer of the stream numbers
 * @param packing what became of those that were ingested
 * @param labels tokens that are to be predicted
 */
public record ShardTotals(int shards, List<Long> rows, PackingStats packing, long labels)
    implements Serializable {
  public ShardTotals {
    rows = List.copyOf(rows);
  }

  /** Of no shards, whose rows would be of so many kinds. */
  public static ShardTotals none(int kinds) {
    return new ShardTotals(0, Collections.nCopies(kinds, 0L), PackingStats.NONE, 0);
  }

  /** Of both. */
  public ShardTotals plus(ShardTotals other) {
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      sums.add(rows.get(i) + other.rows.get(i));
    }
    return new ShardTotals(
        shards + other.shards, sums, packing.plus(other.packing), labels + other.labels);
  }
}
