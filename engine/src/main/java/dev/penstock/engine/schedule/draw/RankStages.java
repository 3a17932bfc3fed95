package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.Timeline;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The stages each rank computes in a timeline: what tells its boxes apart by their shade. */
final class RankStages {
  private final Map<Integer, NavigableSet<Integer>> stages = new TreeMap<>();

  private RankStages() {}

  static RankStages of(Timeline timeline) {
    RankStages result = new RankStages();
    for (TimelineSpan span : timeline.spans()) {
      NavigableSet<Integer> ofRank =
          result.stages.computeIfAbsent(span.rank(), rank -> new TreeSet<>());
      for (Action leaf : span.action().leaves()) {
        ofRank.add(leaf.stage());
      }
    }
    return result;
  }

  /** Stages of the rank that has most. */
  int most() {
    return stages.values().stream().mapToInt(NavigableSet::size).max().orElse(0);
  }

  /** The colour of a span. */
  int rgb(TimelineSpan span) {
    Action action = span.action();
    if (action.type() == ActionType.OVERLAP_F_B) {
      return Palette.of(action.type(), 0, 1);
    }
    NavigableSet<Integer> ofRank = stages.get(span.rank());
    return Palette.of(action.type(), ofRank.headSet(action.stage()).size(), ofRank.size());
  }
}
