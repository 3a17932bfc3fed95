package dev.penstock.datasets.shard;

import dev.penstock.datasets.order.SequenceOrder;
import dev.penstock.datasets.order.StreamOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A window of a stream, all of whose shards are there.
 *
 * @param number from 0
 * @param first place in the stream of its first sequence
 * @param count its sequences
 * @param last whether the stream ends with it
 * @param order of its sequences; null: it has none
 */
record StreamWindow(
    int number,
    long first,
    long count,
    boolean last,
    List<ShardInfo> shards,
    @Nullable SequenceOrder order) {
  private static final int PART_BITS = 32;

  static StreamWindow of(int number, List<StreamShard> shards, StreamFormat format, long seed) {
    List<ShardInfo> infos = shards.stream().map(StreamShard::info).toList();
    long count = infos.stream().mapToLong(ShardInfo::sequences).sum();
    return new StreamWindow(
        number,
        shards.get(0).firstSequence(),
        count,
        StreamOrder.endShard(number, format.shards()) == format.shards(),
        infos,
        count == 0 ? null : StreamOrder.ofWindow(number, count, format.layout(), seed));
  }

  /** Place in the stream behind its last sequence. */
  long end() {
    return first + count;
  }

  /** The key of a part of it, as one number of all parts of the stream. */
  static long key(int window, long part) {
    return ((long) window << PART_BITS) + part;
  }

  static int windowOf(long key) {
    return (int) (key >>> PART_BITS);
  }

  static long partOf(long key) {
    return key & ((1L << PART_BITS) - 1);
  }
}
