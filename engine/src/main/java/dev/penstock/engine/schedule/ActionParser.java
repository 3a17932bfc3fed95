package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The action grammar of torch.distributed.pipelining, but exact: the reference matches a prefix and
 * so takes {@code 0F0xyz}, {@code 0BW0} or {@code 0F-1} without a word.
 */
final class ActionParser {
  private static final Pattern ACTION =
      Pattern.compile(
          "([0-9]{1,9})"
              + "(F|I|B|W|UNSHARD|RESHARD|REDUCE_GRAD|SEND_F|RECV_F|SEND_B|RECV_B)"
              + "([0-9]{0,9})");

  private ActionParser() {}

  static @Nullable Action parse(String text) {
    String action = text.strip();
    if (action.isEmpty()) {
      return null;
    }
    if (action.startsWith("(") && action.contains(")")) {
      return parseOverlap(action);
    }
    Matcher matcher = ACTION.matcher(action);
    if (!matcher.matches()) {
      throw new ConfigException(
          "Invalid action string: "
              + ScheduleGrid.shortened(action)
              + ", should be formatted as [stage][action type][(microbatch)] e.g. 2F0");
    }
    String microbatch = matcher.group(3);
    return Action.of(
        Integer.parseInt(matcher.group(1)),
        ActionType.valueOf(matcher.group(2)),
        microbatch.isEmpty() ? Action.NONE : Integer.parseInt(microbatch));
  }

  private static Action parseOverlap(String action) {
    int close = action.indexOf(')');
    String type = action.substring(close + 1).strip();
    if (!type.equals(ActionType.OVERLAP_F_B.name())) {
      throw new ConfigException("Invalid computation type " + ScheduleGrid.shortened(type));
    }
    List<Action> parts = new ArrayList<>();
    for (String part : action.substring(1, close).split(";", -1)) {
      Action parsed = parse(part);
      if (parsed != null) {
        parts.add(parsed);
      }
    }
    return new Action(Action.NONE, ActionType.OVERLAP_F_B, Action.NONE, parts);
  }
}
