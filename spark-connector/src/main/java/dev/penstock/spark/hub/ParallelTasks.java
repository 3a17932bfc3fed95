package dev.penstock.spark.hub;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Several transfers at a time. The first that fails ends the others. */
final class ParallelTasks {
  private static final int AT_A_TIME = 4;
  private static final int SECONDS_BETWEEN_LINES = 10;

  /** Longer than a transfer waits for a server by default. */
  private static final int SECONDS_TO_END = 60;

  private ParallelTasks() {}

  /**
   * Runs them all.
   *
   * @param meanwhile called every ten seconds
   */
  static void run(List<Callable<Void>> tasks, Runnable meanwhile) throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            AT_A_TIME,
            task -> {
              Thread thread = new Thread(task, "penstock-hub");
              thread.setDaemon(true);
              return thread;
            });
    try {
      CompletionService<Void> done = new ExecutorCompletionService<>(threads);
      tasks.forEach(done::submit);
      for (int ended = 0; ended < tasks.size(); ended++) {
        Future<Void> one = done.poll(SECONDS_BETWEEN_LINES, TimeUnit.SECONDS);
        while (one == null) {
          meanwhile.run();
          one = done.poll(SECONDS_BETWEEN_LINES, TimeUnit.SECONDS);
        }
        one.get();
      }
    } catch (ExecutionException e) {
      throw rethrown(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while fetching a model.");
    } finally {
      end(threads);
    }
  }

  private static IOException rethrown(Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof IOException failure ? failure : new IOException(cause);
  }

  /** Waits until what they wrote is given up. */
  private static void end(ExecutorService threads) {
    threads.shutdownNow();
    try {
      if (!Thread.currentThread().isInterrupted()) {
        threads.awaitTermination(SECONDS_TO_END, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
