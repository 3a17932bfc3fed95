package dev.penstock.datasets.shard;

import dev.penstock.datasets.order.SequenceRange;
import dev.penstock.datasets.order.WindowPart;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The sequences of all shards, counted through in their order. Shards are opened when first read.
 * Used by one thread at a time. Closing it closes the shards; the store stays the caller's.
 */
final class ShardedSequences implements AutoCloseable {
  private final Folder store;
  private final List<ShardInfo> shards;
  private final ShardFormat format;
  private final ShardReader[] readers;
  private final long[] starts;

  ShardedSequences(Folder store, List<ShardInfo> all, ShardFormat format) {
    this.store = store;
    this.shards = all.stream().filter(shard -> shard.sequences() > 0).toList();
    this.format = format;
    this.readers = new ShardReader[shards.size()];
    this.starts = new long[shards.size()];
    for (int i = 1; i < starts.length; i++) {
      starts[i] = starts[i - 1] + shards.get(i - 1).sequences();
    }
  }

  /** Those of a part of a window, with which it is in memory. */
  LoadedWindow load(WindowPart part) throws IOException {
    return new LoadedWindow(part, read(part.ranges()));
  }

  /**
   * The records of some ranges, one behind the other. Nothing between them is asked for: what a
   * short way forward costs, a file system knows best.
   */
  byte[] read(List<SequenceRange> ranges) throws IOException {
    for (SequenceRange range : ranges) { // files are checked before memory is taken
      for (int shard = shardOf(range.first());
          shard <= shardOf(range.first() + range.count() - 1);
          shard++) {
        reader(shard);
      }
    }
    int count = ranges.stream().mapToInt(SequenceRange::count).sum();
    byte[] bytes = new byte[Math.multiplyExact(count, format.recordBytes())];
    int offset = 0;
    for (SequenceRange range : ranges) {
      read(range, bytes, offset);
      offset += range.count() * format.recordBytes();
    }
    return bytes;
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (ShardReader reader : readers) {
      try {
        if (reader != null) {
          reader.close();
        }
      } catch (IOException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private void read(SequenceRange range, byte[] target, int offset) throws IOException {
    int read = 0;
    while (read < range.count()) {
      long index = range.first() + read;
      int shard = shardOf(index);
      long first = index - starts[shard];
      int count = (int) Math.min(range.count() - read, shards.get(shard).sequences() - first);
      reader(shard).read(first, count, target, offset + read * format.recordBytes());
      read += count;
    }
  }

  private int shardOf(long index) {
    int found = Arrays.binarySearch(starts, index);
    return found >= 0 ? found : -found - 2;
  }

  private ShardReader reader(int shard) throws IOException {
    if (readers[shard] == null) {
      readers[shard] = ShardReader.open(store, shards.get(shard), format);
    }
    return readers[shard];
  }
}
