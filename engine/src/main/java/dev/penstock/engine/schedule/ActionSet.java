package dev.penstock.engine.schedule;

import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

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
