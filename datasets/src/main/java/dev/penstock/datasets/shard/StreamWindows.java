package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.StreamOrder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The windows of a stream as they come: waits for their shards to be committed. Used by one thread.
 */
final class StreamWindows {
  private static final long FIRST_POLL_MILLIS = 20;
  private static final long LAST_POLL_MILLIS = 500;
  private static final Duration TOLD_AFTER = Duration.ofSeconds(5);

  private final StreamFormat format;
  private final long seed;
  private final StreamLog log;
  private final StreamMarks marks;
  private final @Nullable Duration patience;
  private final BooleanSupplier ended;

  /**
   * @param patience longest wait for a shard, of which the writer is told; null: nobody waits for
   *     what is read ahead
   * @param ended whether the reader is to end
   */
  StreamWindows(
      StreamFormat format,
      long seed,
      StreamLog log,
      StreamMarks marks,
      @Nullable Duration patience,
      BooleanSupplier ended) {
    this.format = format;
    this.seed = seed;
    this.log = log;
    this.marks = marks;
    this.patience = patience;
    this.ended = ended;
  }

  /**
   * The first window that is made: that of a sequence, or one before.
   *
   * @param sequence place in the stream that the reader begins at; told to the writer
   */
  StreamWindow first(long sequence) throws IOException, InterruptedException {
    marks.begin(sequence);
    return get(StreamOrder.windowOf(await(0, this::firstShard)));
  }

  /** A window. */
  StreamWindow get(int window) throws IOException, InterruptedException {
    List<StreamShard> shards = new ArrayList<>();
    for (int shard = StreamOrder.firstShard(window);
        shard < StreamOrder.endShard(window, format.shards());
        shard++) {
      int number = shard;
      shards.add(await(number, () -> log.find(number)));
    }
    return StreamWindow.of(window, shards, format, seed);
  }

  /** Nothing of the windows before one is read any more. */
  void read(int windowsBefore) throws IOException {
    marks.read(windowsBefore);
  }

  private @Nullable Integer firstShard() throws IOException {
    List<Integer> numbers = log.numbers();
    return numbers.isEmpty() ? null : numbers.get(0);
  }

  private interface Look<T> {
    @Nullable T look() throws IOException;
  }

  private <T> T await(int shard, Look<T> look) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long poll = FIRST_POLL_MILLIS;
    boolean told = false;
    T found = look.look();
    while (found == null) {
      Duration waited = Duration.ofNanos(System.nanoTime() - begin);
      check(shard, waited);
      if (!told && patience != null && waited.compareTo(TOLD_AFTER) > 0) {
        told = true;
        marks.waits(shard);
      }
      Thread.sleep(poll);
      poll = Math.min(LAST_POLL_MILLIS, 2 * poll);
      found = look.look();
    }
    if (told) {
      marks.waitsNoMore(shard);
    }
    return found;
  }

  private void check(int shard, Duration waited) {
    if (ended.getAsBoolean()) {
      throw new DatasetException(
          String.format(Locale.ROOT, "Ended while it waited for shard %d of the stream.", shard));
    }
    if (patience != null && waited.compareTo(patience) > 0) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "Shard %d of %d of the stream did not come within %d s (most of stepTimeout). Give tokenizing more task slots, make partitions smaller, or raise stepTimeout.",
              shard,
              format.shards(),
              waited.toSeconds()));
    }
  }
}
