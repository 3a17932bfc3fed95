package dev.penstock.spark.stream;

import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.datasets.shard.ShardTotals;
import dev.penstock.datasets.shard.StreamMarks;
import dev.penstock.datasets.shard.StreamShard;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.data.StreamRows;
import dev.penstock.spark.data.StreamedShard;
import dev.penstock.spark.fs.HadoopFolder;
import dev.penstock.spark.interop.TaskProfile;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the shards of a stream for the ranks of one attempt: in the order of the partitions, on
 * task slots that the ranks leave free, and no further ahead of them than is wanted. Threads of its
 * own do so from {@link #start} to {@link #close}.
 */
public final class StreamProducer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamProducer.class);
  private static final long POLL_MILLIS = 100;
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

  /**
   * How shards are made.
   *
   * @param folder where, of the attempt's own, on storage that all hosts share
   * @param profile what a task takes of its executor
   * @param tasks that run at once, at most
   * @param ahead shards that are kept beyond the window that is read
   * @param replicas that read
   */
  public record Options(
      HadoopFolder folder, TaskProfile profile, int tasks, int ahead, int replicas) {}

  /**
   * What is noted of them beside the checkpoints.
   *
   * @param own of this run
   * @param before of the run that is gone on with, perhaps the same; null: it begins anew
   * @param oldestSequence the first that a checkpoint may go on from
   */
  public record Notes(
      StreamLedger own, @Nullable StreamLedger before, LongSupplier oldestSequence) {}

  private final StreamRows rows;
  private final Options options;
  private final @Nullable Notes notes;
  private final Consumer<String> lines;
  private final ShardJobs jobs;
  private final StreamRows.Maker maker;
  private @Nullable StreamShards shards; // guarded, like all below
  private int nextShard;
  private int endShard;
  private @Nullable Throwable failure;
  private boolean closed;
  private long toldNanos; // of its own thread

  /**
   * @param runId names the run, for Spark's page
   * @param notes null: the run makes no checkpoints
   * @param lines told when ranks wait for data
   */
  public StreamProducer(
      String runId,
      StreamRows rows,
      Options options,
      @Nullable Notes notes,
      Consumer<String> lines) {
    this.rows = rows;
    this.options = options;
    this.notes = notes;
    this.lines = lines;
    this.maker = rows.into(options.folder.location(), options.profile);
    this.jobs = new ShardJobs(options.profile.context(), runId, options.tasks);
  }

  /** Begins; called once the ranks have their slots. */
  public void start() {
    jobs.start(this::follow, this::make);
  }

  /** What ended it, if it failed. */
  public synchronized @Nullable Throwable failure() {
    return failure;
  }

  /** What went into the windows that a run read which ended before a sequence. */
  public synchronized ShardTotals throughWindowOf(long sequence) {
    return shards == null ? StreamRows.none() : shards.throughWindowOf(sequence);
  }

  /** The thread that follows the ranks. */
  private void follow() {
    try {
      begin();
      while (pause()) {
        look().ifPresent(this::tellOfWait); // a user's code, so not while others are locked out
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      fail(e);
    }
  }

  private void begin() throws IOException, InterruptedException {
    StreamLedger before = notes == null ? null : notes.before;
    if (notes != null && before != notes.own) {
      notes.own.clear(); // what another run left
    }
    if (before == null) {
      begin(null, 0, StreamRows.none());
      return;
    }
    OptionalLong position = position();
    if (position.isEmpty()) {
      return; // closed
    }
    StreamShard first = before.windowOf(position.getAsLong());
    if (first == null) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The run cannot go on at sequence %d of the stream: what tells its partition is missing beside the checkpoints. Set resume to never, to begin anew.",
              position.getAsLong()));
    }
    begin(before, first.number(), first.before());
  }

  private synchronized void begin(@Nullable StreamLedger before, int first, ShardTotals through) {
    shards =
        new StreamShards(
            rows, options.folder, notes == null ? null : notes.own, before, first, through);
    nextShard = first;
    advance(first);
  }

  /** Where the ranks go on, which they know once they have read the checkpoint. */
  private OptionalLong position() throws IOException, InterruptedException {
    OptionalLong position = OptionalLong.empty();
    while (position.isEmpty() && pause()) {
      position = StreamMarks.of(options.folder.list(), options.replicas).begin();
    }
    return position;
  }

  /** Waits a moment; false: it is closed. */
  private synchronized boolean pause() throws InterruptedException {
    if (!closed && failure == null) {
      wait(POLL_MILLIS);
    }
    return !closed && failure == null;
  }

  /** Does what ranks have told; returns the shard that they wait for. */
  private synchronized OptionalInt look() throws IOException {
    if (shards == null) {
      return OptionalInt.empty();
    }
    StreamMarks.Told told = shards.told(options.replicas);
    int read = StreamOrder.firstShard(told.windowsRead());
    if (shards.removeBefore(read)) {
      advance(read);
      if (notes != null) {
        notes.own.forgetBefore(notes.oldestSequence.getAsLong());
      }
    }
    return told.waitsFor();
  }

  private void advance(int firstRead) {
    endShard =
        (int)
            Math.min(
                rows.partitions(), (long) firstRead + StreamOrder.WINDOW_SHARDS + options.ahead);
    notifyAll();
  }

  private void tellOfWait(int shard) {
    long now = System.nanoTime();
    if (toldNanos == 0 || now - toldNanos > LINE_INTERVAL.toNanos()) {
      toldNanos = now;
      lines.accept(
          String.format(
              Locale.ROOT,
              "waits for data: shard %d of %d is being made (dataMode stream, %d tasks at once)",
              shard + 1,
              rows.partitions(),
              options.tasks));
    }
  }

  /** Threads that make shards, one after the other. */
  private void make() {
    try {
      for (int shard = take(); shard >= 0; shard = take()) {
        StreamedShard made = maker.make(shard);
        synchronized (this) {
          if (!closed && shards != null) {
            shards.add(shard, made);
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      fail(e);
    }
  }

  /** The next shard to make, once it may be; -1: there is none. */
  private synchronized int take() throws InterruptedException {
    while (!closed
        && failure == null
        && (shards == null || (nextShard >= endShard && endShard < rows.partitions()))) {
      wait();
    }
    return closed || failure != null || nextShard >= endShard ? -1 : nextShard++;
  }

  private synchronized void fail(Throwable e) {
    if (!closed && failure == null) {
      failure = e;
      log.warn("The stream cannot go on", e);
      notifyAll();
    }
  }

  /** Ends its jobs and removes its shards. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    jobs.end();
    try {
      options.folder.deleteAll();
    } catch (IOException e) {
      log.warn("Cannot remove the shards in {}", options.folder.location(), e);
    }
  }
}
