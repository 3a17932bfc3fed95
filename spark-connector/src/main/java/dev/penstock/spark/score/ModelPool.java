package dev.penstock.spark.score;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What is dear to load, kept for who asks next: as much as there is room for, the least recently
 * used goes first, and what nobody asked for in a while goes too. Users take turns: a model uses
 * all cores that there are.
 *
 * @param <K> what names a value
 * @param <V> a value, which holds native memory
 */
final class ModelPool<K, V extends AutoCloseable> {
  /** Loads what is not in the pool. */
  interface Loader<K, V> {
    /** Memory that the value will take. */
    long bytes(K key) throws IOException;

    V load(K key) throws IOException;
  }

  private static final class Kept<V> {
    private final V value;
    private final long bytes;
    private long lastUsedNanos;

    Kept(V value, long bytes) {
      this.value = value;
      this.bytes = bytes;
    }
  }

  private final long maxBytes;
  private final long idleNanos;
  private final LongSupplier clock;
  private final Map<K, Kept<V>> kept = new LinkedHashMap<>(16, 0.75f, true);

  /**
   * An empty pool.
   *
   * @param maxBytes what is kept beside the value in use takes no more than this together with it
   * @param idleNanos how long a value that is not used is kept
   * @param clock nanoseconds
   */
  ModelPool(long maxBytes, long idleNanos, LongSupplier clock) {
    this.maxBytes = maxBytes;
    this.idleNanos = idleNanos;
    this.clock = clock;
  }

  /** Does some work with a value; nobody else works meanwhile. */
  synchronized <R> R use(K key, Loader<K, V> loader, Function<V, R> work) throws IOException {
    Kept<V> found = kept.get(key);
    if (found == null) {
      long bytes = loader.bytes(key);
      makeRoom(maxBytes - bytes);
      found = new Kept<>(loader.load(key), bytes);
      kept.put(key, found);
    }
    try {
      return work.apply(found.value);
    } finally {
      found.lastUsedNanos = clock.getAsLong();
    }
  }

  private void makeRoom(long bytesLeft) {
    long bytes = kept.values().stream().mapToLong(value -> value.bytes).sum();
    Iterator<Kept<V>> oldestFirst = kept.values().iterator();
    while (bytes > bytesLeft && oldestFirst.hasNext()) {
      Kept<V> oldest = oldestFirst.next();
      oldestFirst.remove();
      bytes -= oldest.bytes;
      close(oldest);
    }
  }

  /** Closes what was not used for as long as the pool keeps such values. */
  synchronized void closeIdle() {
    long now = clock.getAsLong();
    List<Kept<V>> idle = new ArrayList<>();
    kept.values().removeIf(value -> now - value.lastUsedNanos >= idleNanos && idle.add(value));
    idle.forEach(ModelPool::close);
  }

  /** Closes everything. */
  synchronized void closeAll() {
    List<Kept<V>> all = List.copyOf(kept.values());
    kept.clear();
    all.forEach(ModelPool::close);
  }

  private static void close(Kept<?> kept) {
    try {
      ((AutoCloseable) kept.value).close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("Cannot close a model", e);
    }
  }
}
