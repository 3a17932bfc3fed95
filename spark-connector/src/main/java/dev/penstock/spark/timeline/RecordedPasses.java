package dev.penstock.spark.timeline;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The pipeline steps that a rank's spans are of. A schedule has no action twice, so an action that
 * was seen before begins a new one.
 */
final class RecordedPasses {
  private RecordedPasses() {}

  /** The passes of one rank, in order. */
  static List<List<TimelineSpan>> of(List<TimelineSpan> spansOfRank) {
    List<List<TimelineSpan>> passes = new ArrayList<>();
    Set<Action> seen = new HashSet<>();
    for (TimelineSpan span : spansOfRank) {
      boolean repeated = !seen.add(span.action());
      if (repeated) {
        seen = new HashSet<>(Set.of(span.action()));
      }
      if (repeated || passes.isEmpty()) {
        passes.add(new ArrayList<>());
      }
      passes.get(passes.size() - 1).add(span);
    }
    return passes;
  }
}
