package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Moves each receive to just before the action that needs it (torch's {@code defer_pp_recv}), so
 * that a device that runs receives in stream order does not wait for the last one before it may
 * compute the first.
 *
 * <p>Of two ranks the lower one posts all receives it owes the other before it sends to it; the
 * higher one does not, so that never both send first.
 */
final class DeferReceivesPass {
  private final StagePlacement placement;
  private final int rank;
  private final Map<Action, Action> pending = new LinkedHashMap<>();
  private final List<Action> result = new ArrayList<>();

  private DeferReceivesPass(StagePlacement placement, int rank) {
    this.placement = placement;
    this.rank = rank;
  }

  static List<Action> apply(List<Action> actions, StagePlacement placement, int rank) {
    DeferReceivesPass pass = new DeferReceivesPass(placement, rank);
    actions.forEach(pass::place);
    pass.result.addAll(pass.pending.keySet());
    return pass.result;
  }

  private void place(Action action) {
    switch (action.type()) {
      case RECV_F, RECV_B -> {
        pending.put(action, action);
        return;
      }
      case SEND_F -> flushBeforeSend(placement.rankOf(action.stage() + 1));
      case SEND_B -> flushBeforeSend(placement.rankOf(action.stage() - 1));
      case F, I, W, B, OVERLAP_F_B -> action.leaves().forEach(this::receiveFor);
      case UNSHARD, RESHARD, REDUCE_GRAD -> {}
    }
    result.add(action);
  }

  private void receiveFor(Action compute) {
    ActionType type = compute.type() == ActionType.F ? ActionType.RECV_F : ActionType.RECV_B;
    if (compute.type() != ActionType.W) {
      Action receive = pending.remove(Action.of(compute.stage(), type, compute.microbatch()));
      if (receive != null) {
        result.add(receive);
      }
    }
  }

  private void flushBeforeSend(int peer) {
    if (rank >= peer) {
      return;
    }
    Iterator<Action> receives = pending.keySet().iterator();
    while (receives.hasNext()) {
      Action receive = receives.next();
      int sender = receive.stage() + (receive.type() == ActionType.RECV_F ? -1 : 1);
      if (placement.rankOf(sender) == peer) {
        result.add(receive);
        receives.remove();
      }
    }
  }
}
