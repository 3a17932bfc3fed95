package dev.penstock.spark.fit;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Which run's model each folder has that was trained in this JVM: a later fit may replace one. */
public final class TrainedFolders {
  private static final Map<String, String> RUNS = new ConcurrentHashMap<>();

  private TrainedFolders() {}

  static void put(String folder, String run) {
    RUNS.put(folder, run);
  }

  /** The run whose model is in a folder; null: none of this JVM. */
  public static @Nullable String runOf(String folder) {
    return RUNS.get(folder);
  }
}
