package dev.penstock.engine.comm;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Runs the ranks of a test as threads. */
public final class Ranks {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  /** What one rank does. */
  public interface Body<T> {
    T run(Transport transport) throws Exception;
  }

  private Ranks() {}

  /**
   * Connects {@code size} ranks, runs the body on each, closes them; the results in rank order.
   * Fails with the error of the lowest rank that failed, or when one does not end in time.
   */
  public static <T extends @Nullable Object> List<T> run(
      int size, IntFunction<Transport> connect, Body<T> body) {
    ExecutorService threads = Executors.newFixedThreadPool(size);
    try {
      List<Future<T>> futures = new ArrayList<>();
      for (int rank = 0; rank < size; rank++) {
        int self = rank;
        futures.add(
            threads.submit(
                () -> {
                  try (Transport transport = connect.apply(self)) {
                    return body.run(transport);
                  }
                }));
      }
      return results(futures);
    } finally {
      threads.shutdownNow();
    }
  }

  private static <T extends @Nullable Object> List<T> results(List<Future<T>> futures) {
    List<T> results = new ArrayList<>();
    AssertionError failure = null;
    for (Future<T> future : futures) {
      try {
        results.add(future.get(DEADLINE.toSeconds(), TimeUnit.SECONDS));
      } catch (ExecutionException e) {
        AssertionError next = new AssertionError("a rank failed: " + e.getCause(), e.getCause());
        if (failure == null) {
          failure = next;
        } else {
          failure.addSuppressed(next);
        }
      } catch (TimeoutException | InterruptedException e) {
        throw new AssertionError("a rank did not end within " + DEADLINE, e);
      }
    }
    if (failure != null) {
      throw failure;
    }
    return results;
  }
}
