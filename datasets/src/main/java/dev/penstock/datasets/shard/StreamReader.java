package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.SequenceOrder;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the rows of each optimizer step from a stream of shards that is being made, in the order
 * that {@link dev.penstock.datasets.order.StreamOrder} gives; waits for shards that are not there
 * yet. Holds as much in memory as {@link BatchReader}. Steps are read in ascending order, by one
 * thread, from any step on. Closing it ends its own thread and closes the files; the folders stay
 * the caller's.
 */
public final class StreamReader implements AutoCloseable {
  /**
   * Which rows a reader reads.
   *
   * @param globalBatchSize rows of one optimizer step, over all replicas
   * @param firstRow the first of them that the replica reads
   * @param numRows how many it reads
   * @param replica its number
   */
  public record Rows(int globalBatchSize, int firstRow, int numRows, int replica) {
    private boolean has(long position) {
      long row = position % globalBatchSize - firstRow;
      return row >= 0 && row < numRows;
    }
  }

  private final String location;
  private final Rows rows;
  private final StreamWindows windows;
  private final RowDecoder decoder;
  private final WindowLoader loader;
  private @Nullable StreamWindow current;

  private StreamReader(
      String location, Rows rows, StreamFormat format, StreamWindows windows, WindowLoader loader) {
    this.location = location;
    this.rows = rows;
    this.windows = windows;
    this.decoder = new RowDecoder(format.format(), format.padToMultipleOf());
    this.loader = loader;
  }

  /**
   * Opens a stream for a replica.
   *
   * @param store the folder of the shards; used by the reader's thread until it is closed
   * @param log the same folder once more, for the caller's thread
   * @param patience longest wait for a shard
   * @param ended whether the reader is to end; asked while it waits
   */
  public static StreamReader open(
      Folder store,
      Folder log,
      StreamFormat format,
      long seed,
      Rows rows,
      Duration patience,
      BooleanSupplier ended) {
    BatchReader.checkWindow(format.format(), format.layout(), Long.MAX_VALUE, store.location());
    StreamWindows ahead = windows(store, format, seed, rows, null, ended);
    return new StreamReader(
        store.location(),
        rows,
        format,
        windows(log, format, seed, rows, patience, ended),
        new WindowLoader(new StreamParts(store, format, ahead, rows::has), store.location()));
  }

  private static StreamWindows windows(
      Folder folder,
      StreamFormat format,
      long seed,
      Rows rows,
      @Nullable Duration patience,
      BooleanSupplier ended) {
    return new StreamWindows(
        format,
        seed,
        new StreamLog(folder),
        new StreamMarks(folder, rows.replica),
        patience,
        ended);
  }

  /**
   * The rows {@code firstRow} to {@code firstRow + numRows - 1} of the global batch of a step, all
   * of them the replica's; fewer where the stream ends before.
   *
   * @throws DatasetException if the data are damaged, cannot be read, or do not come
   */
  public TokenRows read(long step, int firstRow, int numRows) {
    long first = step * rows.globalBatchSize + firstRow;
    List<RowDecoder.Place> places = new ArrayList<>(numRows);
    for (int i = 0; i < numRows; i++) {
      RowDecoder.Place place = place(step * rows.globalBatchSize, first + i);
      if (place == null) {
        break;
      }
      places.add(place);
    }
    return decoder.decode(places);
  }

  /** Whether there are no rows behind those of a step; waits until that is known. */
  public boolean endsWith(long step) {
    long next = (step + 1) * rows.globalBatchSize;
    return next >= windowAt(next, next).end();
  }

  private RowDecoder.@Nullable Place place(long begin, long position) {
    StreamWindow window = windowAt(begin, position);
    SequenceOrder order = window.order();
    if (position >= window.end() || order == null) {
      return null;
    }
    long in = position - window.first();
    long part = order.windowAt(in);
    return decoder.place(
        loader.load(StreamWindow.key(window.number(), part), next(window, part)),
        order.offsetInWindow(in));
  }

  /** The part that comes next; at the end of the stream the same. */
  private static long next(StreamWindow window, long part) {
    SequenceOrder order = window.order();
    if (order != null && part < order.windowAt(window.count() - 1)) {
      return StreamWindow.key(window.number(), part + 1);
    }
    return window.last()
        ? StreamWindow.key(window.number(), part)
        : StreamWindow.key(window.number() + 1, 0);
  }

  /** The window of a position, or the last one. */
  private StreamWindow windowAt(long begin, long position) {
    try {
      StreamWindow window = current == null ? windows.first(begin) : current;
      if (position < window.first()) {
        throw new IllegalStateException("Sequences of a stream are read in ascending order.");
      }
      while (position >= window.end() && !window.last()) {
        windows.read(window.number() + 1); // first, for the next may be waiting for its room
        window = windows.get(window.number() + 1);
      }
      current = window;
      return window;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatasetException("Interrupted while waiting for data from " + location + ".", e);
    } catch (IOException e) {
      throw WindowLoader.failure(location, e);
    }
  }

  @Override
  public void close() {
    loader.close();
  }
}
