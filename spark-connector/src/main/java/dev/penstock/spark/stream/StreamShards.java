package dev.penstock.spark.stream;

import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.datasets.shard.ShardTotals;
import dev.penstock.datasets.shard.StreamLog;
import dev.penstock.datasets.shard.StreamMarks;
import dev.penstock.datasets.shard.StreamShard;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.data.StreamRows;
import dev.penstock.spark.data.StreamedShard;
import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The shards of an attempt: commits them in their order, whatever the order in which they are made,
 * and removes those that are read. Used by one thread at a time.
 */
final class StreamShards {
  private static final Pattern FILE = Pattern.compile("shard-(\\d+)\\..*");

  private final StreamRows rows;
  private final HadoopFolder folder;
  private final StreamLog log;
  private final @Nullable StreamLedger ledger;
  private final @Nullable StreamLedger before;
  private final Map<Integer, StreamedShard> made = new TreeMap<>();
  private final Map<Integer, ShardTotals> throughWindows = new TreeMap<>();
  private ShardTotals through;
  private int next;
  private int kept;

  /**
   * @param ledger where they are noted; null: nowhere
   * @param before what they were when the run was here before; null: it was not
   * @param first the first of them
   * @param through what went into all before that
   */
  StreamShards(
      StreamRows rows,
      HadoopFolder folder,
      @Nullable StreamLedger ledger,
      @Nullable StreamLedger before,
      int first,
      ShardTotals through) {
    this.rows = rows;
    this.folder = folder;
    this.log = new StreamLog(folder);
    this.ledger = ledger;
    this.before = before;
    this.next = first;
    this.kept = first;
    this.through = through;
  }

  /** Takes a shard, and commits all that can be. */
  void add(int number, StreamedShard shard) throws IOException {
    made.put(number, shard);
    for (StreamedShard now = made.remove(next); now != null; now = made.remove(next)) {
      commit(new StreamShard(next, now.info(), through, now.totals()));
    }
  }

  private void commit(StreamShard shard) throws IOException {
    checkVisible(shard);
    StreamShard earlier = before == null ? null : before.find(shard.number());
    if (earlier != null && !earlier.isSame(shard)) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "Partition %d of the frame gives other tokens than when the run was here before: %d sequences with the checksum %08x, not %d with %08x. A stream goes on over rows that come the same each time: read them from files, sort them within partitions after a shuffle, or set resume to never, to begin anew.",
              shard.number(),
              shard.info().sequences(),
              shard.info().checksum(),
              earlier.info().sequences(),
              earlier.info().checksum()));
    }
    through = shard.through();
    throughWindows.put(StreamOrder.windowOf(shard.number()), through);
    if (shard.number() == rows.partitions() - 1) {
      rows.check(through); // before a rank learns of the end
    }
    if (ledger != null) {
      ledger.put(shard);
    }
    log.commit(shard);
    next++;
  }

  private void checkVisible(StreamShard shard) throws IOException {
    if (!folder.exists(shard.info().name())) {
      throw new ConfigException(
          "An executor wrote %s to %s, but the driver does not find it there. Set stagingDir and outputPath to storage that all hosts share."
              .formatted(shard.info().name(), folder.location()));
    }
  }

  /** What readers have told. */
  StreamMarks.Told told(int replicas) throws IOException {
    return StreamMarks.of(folder.list(), replicas);
  }

  /**
   * Removes the shards before one, and what attempts at them left.
   *
   * @return whether there were any
   */
  boolean removeBefore(int shard) throws IOException {
    if (shard <= kept) {
      return false;
    }
    for (int number = kept; number < shard; number++) {
      log.remove(number);
    }
    for (String name : folder.list()) {
      Matcher file = FILE.matcher(name);
      if (file.matches() && Integer.parseInt(file.group(1)) < shard) {
        folder.delete(name);
      }
    }
    kept = shard;
    return true;
  }

  /** What went into all shards of the windows that a run read which ended before a sequence. */
  ShardTotals throughWindowOf(long sequence) {
    ShardTotals last = through;
    for (ShardTotals window : List.copyOf(throughWindows.values())) {
      last = window;
      if (window.packing().sequences() >= sequence) {
        break;
      }
    }
    return last;
  }
}
