package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import java.util.Locale;

/**
 * A shard of a stream.
 *
 * @param number its place in the stream, from 0
 * @param info the file
 * @param before what went into all shards before it
 * @param own what went into it
 */
public record StreamShard(int number, ShardInfo info, ShardTotals before, ShardTotals own) {
  public StreamShard {
    if (number < 0 || own.packing().sequences() != info.sequences()) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "Shard %d of a stream cannot have %d sequences of which packing made %d.",
              number,
              info.sequences(),
              own.packing().sequences()));
    }
  }

  /** Place in the stream of its first sequence. */
  public long firstSequence() {
    return before.packing().sequences();
  }

  /** What went into it and all before it. */
  public ShardTotals through() {
    return before.plus(own);
  }

  /** Whether another one has the same sequences; its file may have another name. */
  public boolean isSame(StreamShard other) {
    return number == other.number
        && info.sequences() == other.info.sequences()
        && info.length() == other.info.length()
        && info.checksum() == other.info.checksum()
        && firstSequence() == other.firstSequence();
  }
}
