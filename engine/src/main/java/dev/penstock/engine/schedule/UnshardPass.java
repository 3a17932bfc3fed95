package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Prefetches the sharded parameters of the stages to come and drops those of stages not needed soon
 * (torch's {@code _add_unshard_reshard}): before each action the next {@code maxActiveStages}
 * distinct stages are the ones that are whole.
 */
final class UnshardPass {
  private UnshardPass() {}

  static List<Action> apply(List<? extends @Nullable Action> actions, int maxActiveStages) {
    List<Action> compute = new ArrayList<>(actions.size());
    for (Action action : actions) {
      if (action != null) {
        compute.add(action);
      }
    }
    int[][] next = nextStages(compute, maxActiveStages);
    List<Action> result = new ArrayList<>(compute.size() + 8);
    Set<Integer> active = new TreeSet<>();
    for (int i = 0; i < compute.size(); i++) {
      reshard(active, next[i], result);
      for (int stage : next[i]) {
        if (active.add(stage)) {
          result.add(Action.of(stage, ActionType.UNSHARD));
        }
      }
      result.add(compute.get(i));
    }
    reshard(active, new int[0], result);
    return result;
  }

  /**
   * For each action the first {@code count} stages used from it on, in order of use. An overlap
   * adds both of its stages, so there may be one more. Walks backwards and keeps all stages ordered
   * by their next use, so that a long schedule takes linear time.
   */
  private static int[][] nextStages(List<Action> compute, int count) {
    int[][] next = new int[compute.size()][];
    List<Integer> byNextUse = new ArrayList<>();
    Map<Integer, Integer> nextUse = new HashMap<>();
    for (int i = compute.size() - 1; i >= 0; i--) {
      List<Action> leaves = compute.get(i).leaves();
      for (int leaf = leaves.size() - 1; leaf >= 0; leaf--) {
        Integer stage = leaves.get(leaf).stage();
        byNextUse.remove(stage);
        byNextUse.add(0, stage);
        nextUse.put(stage, i);
      }
      int end = Math.min(count, byNextUse.size());
      while (end > 0
          && end < byNextUse.size()
          && nextUse.get(byNextUse.get(end)).equals(nextUse.get(byNextUse.get(end - 1)))) {
        end++;
      }
      next[i] = byNextUse.subList(0, end).stream().mapToInt(Integer::intValue).toArray();
    }
    return next;
  }

  private static void reshard(Set<Integer> active, int[] kept, List<Action> result) {
    for (int stage : List.copyOf(active)) {
      if (IntStream.of(kept).noneMatch(k -> k == stage)) {
        active.remove(stage);
        result.add(Action.of(stage, ActionType.RESHARD));
      }
    }
  }
}
