package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.SequenceOrder;
import dev.penstock.datasets.order.WindowPart;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongPredicate;

/**
 * Loads what one replica reads of the windows of the order, on one background thread, the next one
 * ahead of its use. Used by one thread.
 */
final class WindowLoader implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final ShardedSequences sequences;
  private final SequenceOrder order;
  private final LongPredicate positions;
  private final String location;
  private final Map<Long, Future<LoadedWindow>> windows = new HashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread daemon = new Thread(task, "penstock-shard-reader");
            daemon.setDaemon(true);
            return daemon;
          });

  /**
   * A loader.
   *
   * @param positions which positions of the order are read; asked by the loader's thread
   */
  WindowLoader(
      ShardedSequences sequences, SequenceOrder order, LongPredicate positions, String location) {
    this.sequences = sequences;
    this.order = order;
    this.positions = positions;
    this.location = location;
  }

  /** What is read of a window. Forgets all others but the next. */
  LoadedWindow load(long window) {
    windows.keySet().removeIf(known -> known != window && known != window + 1);
    request(window);
    request(window + 1);
    try {
      return windows.get(window).get();
    } catch (ExecutionException e) {
      windows.clear();
      throw failure(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DatasetException("Interrupted while waiting for data from " + location + ".", e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    try {
      if (thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
        sequences.close();
      }
    } catch (IOException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void request(long window) {
    windows.computeIfAbsent(window, w -> thread.submit(() -> read(w)));
  }

  private LoadedWindow read(long window) throws IOException {
    WindowPart part = order.part(window, positions);
    return new LoadedWindow(part, sequences.read(part.ranges()));
  }

  private DatasetException failure(Throwable cause) {
    return cause instanceof DatasetException told
        ? new DatasetException(told.getMessage(), told)
        : new DatasetException(
            "Reading data from %s failed: %s. Check the storage and its access rights."
                .formatted(location, cause),
            cause);
  }
}
