package dev.penstock.engine.schedule;

import java.util.Arrays;
import java.util.List;

/** Counts the activations alive on each rank: a forward makes one, its B or W lets it go. */
final class ActivationCount {
  private final int[] alive;
  private final int[] peak;

  ActivationCount(int ppSize) {
    this.alive = new int[ppSize];
    this.peak = new int[ppSize];
  }

  void add(int rank, ActionType type) {
    if (type == ActionType.F) {
      alive[rank]++;
      peak[rank] = Math.max(peak[rank], alive[rank]);
    } else if (type == ActionType.B || type == ActionType.W) {
      alive[rank]--;
    }
  }

  List<Integer> peaks() {
    return Arrays.stream(peak).boxed().toList();
  }
}
