package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Inserts the sends and receives between stages on different ranks (torch's {@code
 * _add_send_recv}).
 *
 * <p>The ranks are walked round-robin, one action each if its inputs are there. A send follows its
 * compute action at once, and with it the receive goes to the end of the peer's list: a receive is
 * posted in the order of the sends, which is what keeps two ranks from waiting for each other, and
 * what lets a transport match messages by order alone.
 */
final class SendReceivePass {
  /** The reference's message for a compute order in which no rank can go on. */
  static final String MALFORMED = "Malformed compute schedule, can't schedule sends/recvs";

  private final List<? extends List<? extends @Nullable Action>> compute;
  private final StagePlacement placement;
  private final List<List<Action>> result = new ArrayList<>();
  private final ActionSet done;

  private SendReceivePass(
      List<? extends List<? extends @Nullable Action>> compute, StagePlacement placement) {
    this.compute = compute;
    this.placement = placement;
    this.done = new ActionSet(ActionSet.bound(compute, 1));
    compute.forEach(row -> result.add(new ArrayList<>(2 * row.size())));
  }

  static List<List<Action>> apply(
      List<? extends List<? extends @Nullable Action>> compute, StagePlacement placement) {
    return new SendReceivePass(compute, placement).run();
  }

  private List<List<Action>> run() {
    int[] next = new int[compute.size()];
    int remaining = compute.stream().mapToInt(List::size).sum();
    while (remaining > 0) {
      int before = remaining;
      for (int rank = 0; rank < compute.size(); rank++) {
        List<? extends @Nullable Action> row = compute.get(rank);
        if (next[rank] < row.size() && isReady(row.get(next[rank]))) {
          emit(row.get(next[rank]), rank);
          next[rank]++;
          remaining--;
        }
      }
      if (remaining == before) {
        throw new ConfigException(MALFORMED);
      }
    }
    return result;
  }

  /** An idle slot is ready too: like the reference's, it only takes its turn. */
  private boolean isReady(@Nullable Action action) {
    if (action == null) {
      return true;
    }
    for (Action leaf : action.leaves()) {
      if (!isLeafReady(leaf)) {
        return false;
      }
    }
    return true;
  }

  private boolean isLeafReady(Action leaf) {
    int stage = leaf.stage();
    if (leaf.type() == ActionType.F && stage > 0) {
      return placement.sameRank(stage, stage - 1)
          ? done.contains(stage - 1, ActionType.F, leaf.microbatch())
          : done.contains(stage, ActionType.RECV_F, leaf.microbatch());
    }
    if (leaf.type().isInputBackward() && stage < placement.numStages() - 1) {
      return placement.sameRank(stage, stage + 1)
          ? done.contains(stage + 1, ActionType.I, leaf.microbatch())
              || done.contains(stage + 1, ActionType.B, leaf.microbatch())
          : done.contains(stage, ActionType.RECV_B, leaf.microbatch());
    }
    return true;
  }

  private void emit(@Nullable Action action, int rank) {
    if (action == null) {
      return;
    }
    result.get(rank).add(action);
    for (Action leaf : action.leaves()) {
      int stage = leaf.stage();
      if (leaf.type() == ActionType.F) {
        done.add(leaf);
        if (stage < placement.numStages() - 1) {
          transfer(leaf, ActionType.SEND_F, stage + 1, ActionType.RECV_F);
        }
      } else if (leaf.type().isInputBackward()) {
        done.add(leaf);
        if (stage > 0) {
          transfer(leaf, ActionType.SEND_B, stage - 1, ActionType.RECV_B);
        }
      }
    }
  }

  private void transfer(Action from, ActionType send, int toStage, ActionType receive) {
    if (placement.sameRank(from.stage(), toStage)) {
      return;
    }
    Action receiving = Action.of(toStage, receive, from.microbatch());
    result
        .get(placement.rankOf(from.stage()))
        .add(Action.of(from.stage(), send, from.microbatch()));
    result.get(placement.rankOf(toStage)).add(receiving);
    done.add(receiving);
  }
}
