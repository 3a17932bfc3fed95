package dev.penstock.spark.data;

import dev.penstock.datasets.shard.ShardInfo;
import dev.penstock.datasets.shard.ShardTotals;
import java.io.Serializable;

/**
 * A partition of a stream that became a shard.
 *
 * @param info the file
 * @param totals what went into it
 */
public record StreamedShard(ShardInfo info, ShardTotals totals) implements Serializable {}
