package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Torch's {@code _simulate_comms_compute}: every action takes a step, and a rank that cannot go on
 * idles for one, unless a later rank's action of the same step sets it free.
 *
 * <p>Counts the actions of one microbatch, the parts of an overlap one by one; UNSHARD, RESHARD and
 * REDUCE_GRAD take no step.
 */
final class StepCount {
  private final PipelineSchedule schedule;
  private final StagePlacement placement;
  private final List<List<Action>> rows = new ArrayList<>();
  private final int[] next;
  private final boolean[] waited;
  private final ActionSet done;

  StepCount(PipelineSchedule schedule) {
    this.schedule = schedule;
    this.placement = schedule.placement();
    for (List<Action> row : schedule.ranks()) {
      rows.add(
          row.stream()
              .flatMap(action -> action.leaves().stream())
              .filter(action -> action.type().isPerMicrobatch())
              .toList());
    }
    this.next = new int[rows.size()];
    this.waited = new boolean[rows.size()];
    this.done = new ActionSet(ActionSet.bound(rows, schedule.numMicrobatches()));
  }

  int run() {
    int steps = 0;
    while (hasMore()) {
      boolean progress = false;
      for (int rank = 0; rank < rows.size(); rank++) {
        waited[rank] = !advance(rank);
        progress |= !waited[rank];
      }
      for (int rank = 0; rank < rows.size(); rank++) {
        if (waited[rank]) {
          advance(rank);
        }
      }
      if (!progress) {
        throw Simulator.notProgressing(schedule.withRanks(rows), next);
      }
      steps++;
    }
    return steps;
  }

  private boolean hasMore() {
    for (int rank = 0; rank < rows.size(); rank++) {
      if (next[rank] < rows.get(rank).size()) {
        return true;
      }
    }
    return false;
  }

  private boolean advance(int rank) {
    List<Action> row = rows.get(rank);
    if (next[rank] == row.size() || !isReady(row.get(next[rank]))) {
      return false;
    }
    done.add(row.get(next[rank]));
    next[rank]++;
    return true;
  }

  private boolean isReady(Action action) {
    int stage = action.stage();
    int microbatch = action.microbatch();
    return switch (action.type()) {
      case F ->
          stage == 0
              || done.contains(stage, ActionType.RECV_F, microbatch)
              || (placement.sameRank(stage, stage - 1)
                  && done.contains(stage - 1, ActionType.F, microbatch));
      case I, B ->
          stage == placement.numStages() - 1
              || done.contains(stage, ActionType.RECV_B, microbatch)
              || (placement.sameRank(stage, stage + 1) && backwardDone(stage + 1, microbatch));
      case SEND_F -> done.contains(stage, ActionType.F, microbatch);
      case SEND_B -> backwardDone(stage, microbatch);
      case RECV_F -> done.contains(stage - 1, ActionType.SEND_F, microbatch);
      case RECV_B -> done.contains(stage + 1, ActionType.SEND_B, microbatch);
      case W, UNSHARD, RESHARD, REDUCE_GRAD, OVERLAP_F_B -> true;
    };
  }

  private boolean backwardDone(int stage, int microbatch) {
    return done.contains(stage, ActionType.I, microbatch)
        || done.contains(stage, ActionType.B, microbatch);
  }
}
