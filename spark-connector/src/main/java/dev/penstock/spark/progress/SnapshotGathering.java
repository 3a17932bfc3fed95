package dev.penstock.spark.progress;

import dev.penstock.engine.train.RankSnapshot;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Waits until all pipeline ranks have told of the same step: each executor's heartbeat brings those
 * of its own ranks, and again what it brought before.
 */
final class SnapshotGathering {
  /** Of ranks that are never heard of, because they take less time than a heartbeat. */
  private static final int MAX_WAITING = 16;

  private final NavigableMap<Long, SortedMap<Integer, RankSnapshot>> byStep = new TreeMap<>();
  private long lastStep;

  /** Takes snapshots; gives the newest step that is complete now, if there is one. */
  Optional<FitEvent> accept(List<RankSnapshot> snapshots) {
    for (RankSnapshot snapshot : snapshots) {
      if (snapshot.step() > lastStep) {
        byStep
            .computeIfAbsent(snapshot.step(), step -> new TreeMap<>())
            .put(snapshot.ppRank(), snapshot);
      }
    }
    while (byStep.size() > MAX_WAITING) {
      byStep.pollFirstEntry();
    }
    for (long step : byStep.descendingKeySet()) {
      List<RankSnapshot> ranks = List.copyOf(byStep.get(step).values());
      if (ranks.size() == ranks.get(0).ppSize()) {
        lastStep = step;
        byStep.headMap(step, true).clear();
        return Optional.of(new FitEvent.Measured(step, ranks));
      }
    }
    return Optional.empty();
  }
}
