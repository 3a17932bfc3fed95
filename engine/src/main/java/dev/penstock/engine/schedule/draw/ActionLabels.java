package dev.penstock.engine.schedule.draw;

import dev.penstock.engine.schedule.Action;
import java.util.stream.Collectors;

/** How actions are written in pictures. */
final class ActionLabels {
  private ActionLabels() {}

  /** The microbatch, or those of an overlap's parts: {@code 4/3}. The colour says the rest. */
  static String microbatch(Action action) {
    return action.leaves().stream()
        .map(leaf -> Integer.toString(leaf.microbatch()))
        .collect(Collectors.joining("/"));
  }

  /** The whole action, an overlap without its type: {@code 0F4+7B3}. */
  static String whole(Action action) {
    return action.leaves().stream().map(Action::toString).collect(Collectors.joining("+"));
  }
}
