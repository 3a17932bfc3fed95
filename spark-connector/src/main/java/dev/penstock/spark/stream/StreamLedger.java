package dev.penstock.spark.stream;

import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.datasets.shard.StreamLog;
import dev.penstock.datasets.shard.StreamShard;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/**
 * What the shards of a stream were, beside the checkpoints of a run: so a run that goes on knows
 * which partition its position is in, and whether that gives the same tokens as before. Used by one
 * thread at a time.
 */
public final class StreamLedger {
  private final StreamLog log;
  private final HadoopFolder folder;

  /**
   * @param folder of its own
   */
  public StreamLedger(String folder, Configuration conf) throws IOException {
    this.folder = HadoopFolder.of(folder, conf);
    this.log = new StreamLog(this.folder);
  }

  void put(StreamShard shard) throws IOException {
    log.commit(shard);
  }

  @Nullable StreamShard find(int shard) throws IOException {
    return log.find(shard);
  }

  /** The first shard of the window that a sequence is in; null: it is not known. */
  @Nullable StreamShard windowOf(long sequence) throws IOException {
    List<Integer> firsts = firstsOfWindows();
    int low = 0;
    int high = firsts.size() - 1;
    StreamShard found = null;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      StreamShard shard = log.find(firsts.get(middle));
      if (shard != null && shard.firstSequence() <= sequence) {
        found = shard;
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return found;
  }

  private List<Integer> firstsOfWindows() throws IOException {
    return log.numbers().stream()
        .filter(number -> StreamOrder.firstShard(StreamOrder.windowOf(number)) == number)
        .toList();
  }

  /** Forgets the windows before that of a sequence, which no checkpoint needs any more. */
  void forgetBefore(long sequence) throws IOException {
    StreamShard first = windowOf(sequence);
    if (first != null) {
      for (int number : log.numbers()) {
        if (number < first.number()) {
          log.remove(number);
        }
      }
    }
  }

  /** Forgets all. */
  public void clear() throws IOException {
    folder.deleteAll();
  }
}
