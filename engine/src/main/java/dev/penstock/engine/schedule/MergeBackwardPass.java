package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes one B of an I that its own W follows at once, idle slots ignored (torch's {@code
 * _merge_bw}): splitting such a backward costs and gains nothing.
 */
final class MergeBackwardPass {
  private MergeBackwardPass() {}

  static List<Action> apply(List<? extends @Nullable Action> actions) {
    List<Action> result = new ArrayList<>(actions.size());
    for (Action action : actions) {
      if (action == null) {
        continue;
      }
      int last = result.size() - 1;
      if (last >= 0 && completes(result.get(last), action)) {
        result.set(last, Action.of(action.stage(), ActionType.B, action.microbatch()));
      } else {
        result.add(action);
      }
    }
    return result;
  }

  private static boolean completes(Action before, Action action) {
    return before.type() == ActionType.I
        && action.type() == ActionType.W
        && before.stage() == action.stage()
        && before.microbatch() == action.microbatch();
  }
}
