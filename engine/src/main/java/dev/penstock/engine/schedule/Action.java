package dev.penstock.engine.schedule;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One thing one rank does: an action type on a stage, mostly for one microbatch.
 *
 * <p>Written {@code [stage][type][microbatch]} as in torch.distributed.pipelining: {@code 2F0},
 * {@code 1SEND_F3}, {@code 0REDUCE_GRAD}, {@code (0F4;3B1)OVERLAP_F_B}.
 *
 * @param stage the global stage id, or {@link #NONE} in the container of an overlap
 * @param type what is done
 * @param microbatch the microbatch, or {@link #NONE} for types that have none
 * @param parts the forward and the backward action of an overlap, otherwise empty
 */
public record Action(int stage, ActionType type, int microbatch, List<Action> parts)
    implements Serializable {
  /** Stands for "no stage" and "no microbatch". */
  public static final int NONE = -1;

  public Action {
    requireNonNull(type, "type is null");
    parts = List.copyOf(parts);
  }

  /** An action on one microbatch. */
  public static Action of(int stage, ActionType type, int microbatch) {
    return new Action(stage, type, microbatch, List.of());
  }

  /** An action on a whole stage: UNSHARD, RESHARD or REDUCE_GRAD. */
  public static Action of(int stage, ActionType type) {
    return new Action(stage, type, NONE, List.of());
  }

  /** A forward and a backward action that one rank may run together. */
  public static Action overlap(Action forward, Action backward) {
    return new Action(NONE, ActionType.OVERLAP_F_B, NONE, List.of(forward, backward));
  }

  /**
   * Reads one cell of a schedule, white space around it ignored; null if it is blank, that is,
   * idle.
   *
   * @throws dev.penstock.engine.config.ConfigException if it is no action
   */
  public static @Nullable Action parse(String text) {
    return ActionParser.parse(text);
  }

  /** The actions to run for this one: the parts of an overlap, otherwise itself. */
  public List<Action> leaves() {
    return type == ActionType.OVERLAP_F_B ? parts : List.of(this);
  }

  @Override
  public String toString() {
    if (!parts.isEmpty()) {
      StringBuilder text = new StringBuilder("(");
      for (Action part : parts) {
        text.append(text.length() == 1 ? "" : ";").append(part);
      }
      return text.append(')').append(type).toString();
    }
    return stage + type.name() + (microbatch == NONE ? "" : Integer.toString(microbatch));
  }
}
