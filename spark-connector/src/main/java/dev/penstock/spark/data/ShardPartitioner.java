package dev.penstock.spark.data;

import org.apache.spark.Partitioner;

/** Deals row keys out to shards by their hash. */
final class ShardPartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;
  private static final long ROWS_PER_SHARD = 4096;
  private static final int MAX_SHARDS = 4096;

  private final int numShards;

  ShardPartitioner(int numShards) {
    this.numShards = numShards;
  }

  /** The number of shards follows from the number of rows alone, not from the cluster. */
  static int numShards(long rows) {
    return (int) Math.max(1, Math.min(MAX_SHARDS, (rows + ROWS_PER_SHARD - 1) / ROWS_PER_SHARD));
  }

  @Override
  public int numPartitions() {
    return numShards;
  }

  @Override
  public int getPartition(Object key) {
    return RowKey.shard((String) key, numShards);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ShardPartitioner that && that.numShards == numShards;
  }

  @Override
  public int hashCode() {
    return numShards;
  }
}
