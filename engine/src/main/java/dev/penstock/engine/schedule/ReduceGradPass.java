package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Inserts REDUCE_GRAD after the last action that adds to a stage's weight gradients (torch's {@code
 * _add_reduce_grad}), so that the reduction over the replicas overlaps what other stages still do.
 */
final class ReduceGradPass {
  private ReduceGradPass() {}

  static List<Action> apply(List<? extends @Nullable Action> actions, int numMicrobatches) {
    List<Action> result = new ArrayList<>(actions.size() + 4);
    Map<Integer, Integer> done = new HashMap<>();
    for (Action action : actions) {
      if (action == null) {
        continue;
      }
      result.add(action);
      for (Action leaf : action.leaves()) {
        boolean addsWeightGradient = leaf.type() == ActionType.B || leaf.type() == ActionType.W;
        if (addsWeightGradient && done.merge(leaf.stage(), 1, Integer::sum) == numMicrobatches) {
          result.add(Action.of(leaf.stage(), ActionType.REDUCE_GRAD));
        }
      }
    }
    return result;
  }
}
