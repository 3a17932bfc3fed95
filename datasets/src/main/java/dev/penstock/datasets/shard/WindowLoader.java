package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Loads what one replica reads of the windows of the order, on one background thread, the next one
 * ahead of its use. Used by one thread.
 */
final class WindowLoader implements AutoCloseable {
  private static final long CLOSE_SECONDS = 10;

  private final WindowSource source;
  private final String location;
  private final Map<Long, Future<LoadedWindow>> windows = new HashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread daemon = new Thread(task, "penstock-shard-reader");
            daemon.setDaemon(true);
            return daemon;
          });

  /** A loader, which closes its source. */
  WindowLoader(WindowSource source, String location) {
    this.source = source;
    this.location = location;
  }

  /**
   * What is read of a window. Forgets all others but the next.
   *
   * @param next the window that comes behind it
   */
  LoadedWindow load(long window, long next) {
    windows.keySet().removeIf(known -> known != window && known != next);
    request(window);
    request(next);
    try {
      return windows.get(window).get();
    } catch (ExecutionException e) {
      windows.clear();
      throw failure(location, e.getCause());
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
        source.close();
      }
    } catch (IOException e) {
      throw failure(location, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void request(long window) {
    windows.computeIfAbsent(window, w -> thread.submit(() -> source.read(w)));
  }

  static DatasetException failure(String location, Throwable cause) {
    return cause instanceof DatasetException told
        ? new DatasetException(told.getMessage(), told)
        : new DatasetException(
            "Reading data from %s failed: %s. Check the storage and its access rights."
                .formatted(location, cause),
            cause);
  }
}
