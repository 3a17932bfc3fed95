package dev.penstock.engine.schedule;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which simple actions have been seen, one bit each: a schedule of 64 ranks has a million of them,
 * for which a hash set would be the largest thing in memory.
 */
final class ActionSet {
  private final int numMicrobatches;
  private final Map<ActionType, BitSet> seen = new EnumMap<>(ActionType.class);

  ActionSet(int numMicrobatches) {
    this.numMicrobatches = numMicrobatches;
  }

  /** One more than the largest microbatch of a schedule, but no less than {@code atLeast}. */
  static int bound(List<? extends List<? extends @Nullable Action>> ranks, int atLeast) {
    int bound = atLeast;
    for (List<? extends @Nullable Action> row : ranks) {
      for (Action action : row) {
        if (action != null) {
          for (Action leaf : action.leaves()) {
            bound = Math.max(bound, leaf.microbatch() + 1);
          }
        }
      }
    }
    return bound;
  }

  /** Whether the action is new to this set. */
  boolean add(Action action) {
    BitSet bits = seen.computeIfAbsent(action.type(), type -> new BitSet());
    int index = index(action.stage(), action.microbatch());
    boolean added = !bits.get(index);
    bits.set(index);
    return added;
  }

  boolean contains(int stage, ActionType type, int microbatch) {
    BitSet bits = seen.get(type);
    return bits != null && bits.get(index(stage, microbatch));
  }

  /** Microbatches seen with this stage and type. */
  int count(int stage, ActionType type) {
    BitSet bits = seen.get(type);
    if (bits == null) {
      return 0;
    }
    int begin = index(stage, 0);
    return bits.get(begin, begin + numMicrobatches).cardinality();
  }

  private int index(int stage, int microbatch) {
    return stage * numMicrobatches + microbatch;
  }
}
