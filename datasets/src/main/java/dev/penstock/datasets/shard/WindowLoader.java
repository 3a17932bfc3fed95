package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.SequenceOrder;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Loads windows of the order on one background thread, the next one ahead of its use. Used by one
 * thread.
 */
final class WindowLoader implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final ShardedSequences sequences;
  private final SequenceOrder order;
  private final String location;
  private final Map<Long, Future<byte[]>> windows = new HashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread daemon = new Thread(task, "penstock-shard-reader");
            daemon.setDaemon(true);
            return daemon;
          });

  WindowLoader(ShardedSequences sequences, SequenceOrder order, String location) {
    this.sequences = sequences;
    this.order = order;
    this.location = location;
  }

  /** The records of a window. Forgets all others but the next. */
  byte[] load(long window) {
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
    windows.computeIfAbsent(window, w -> thread.submit(() -> sequences.read(order.ranges(w))));
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
