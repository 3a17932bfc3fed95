package dev.penstock.spark.interop;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The batch functions of plans, by the name that stands there: Spark wraps functions, and shows of
 * them no more than a name. None is kept alive here, but by the function for single rows that the
 * plan has.
 */
final class BatchFunctions {
  private static final Map<String, WeakReference<BatchFunction>> byName = new ConcurrentHashMap<>();

  private BatchFunctions() {}

  static void put(String name, BatchFunction function) {
    byName.values().removeIf(reference -> reference.refersTo(null));
    byName.put(name, new WeakReference<>(function));
  }

  static @Nullable BatchFunction get(String name) {
    WeakReference<BatchFunction> reference = byName.get(name);
    return reference == null ? null : reference.get();
  }
}
