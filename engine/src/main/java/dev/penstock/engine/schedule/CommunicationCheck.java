package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.util.List;
import java.util.Locale;

/**
 * What a schedule with communication must fulfil beyond its compute actions, so that no tensor
 * waits for a receiver for ever: every send has one receive on the other rank and the other way
 * round, and a stage's gradients are reduced once, after the last of them.
 */
final class CommunicationCheck {
  private final PipelineSchedule schedule;
  private final StagePlacement placement;
  private final ActionSet transfers;
  private final int[] weightGradients;
  private final boolean[] reduced;

  private CommunicationCheck(PipelineSchedule schedule) {
    this.schedule = schedule;
    this.placement = schedule.placement();
    this.transfers = new ActionSet(ActionSet.bound(schedule.ranks(), schedule.numMicrobatches()));
    this.weightGradients = new int[schedule.numStages()];
    this.reduced = new boolean[schedule.numStages()];
  }

  static void check(PipelineSchedule schedule) {
    CommunicationCheck check = new CommunicationCheck(schedule);
    check.forEach(check::collect);
    check.forEach(check::pair);
  }

  private interface Visitor {
    void visit(Action action, int rank, int step);
  }

  private void forEach(Visitor visitor) {
    for (int rank = 0; rank < schedule.ppSize(); rank++) {
      List<Action> row = schedule.ranks().get(rank);
      for (int step = 0; step < row.size(); step++) {
        visitor.visit(row.get(step), rank, step);
      }
    }
  }

  private void collect(Action action, int rank, int step) {
    switch (action.type()) {
      case SEND_F, RECV_F, SEND_B, RECV_B -> {
        if (!transfers.add(action)) {
          throw at(rank, step, action + " is there twice");
        }
      }
      case REDUCE_GRAD -> {
        if (reduced[action.stage()]) {
          throw at(rank, step, action + " is there twice");
        }
        reduced[action.stage()] = true;
        if (weightGradients[action.stage()] != schedule.numMicrobatches()) {
          throw at(rank, step, action + " comes before the stage's last weight gradient");
        }
      }
      case F, I, W, B, OVERLAP_F_B -> {
        for (Action leaf : action.leaves()) {
          if (leaf.type() == ActionType.W || leaf.type() == ActionType.B) {
            weightGradients[leaf.stage()]++;
          }
        }
      }
      case UNSHARD, RESHARD -> {}
    }
  }

  private void pair(Action action, int rank, int step) {
    switch (action.type()) {
      case SEND_F -> pair(action, action.stage() + 1, ActionType.RECV_F, rank, step);
      case RECV_F -> pair(action, action.stage() - 1, ActionType.SEND_F, rank, step);
      case SEND_B -> pair(action, action.stage() - 1, ActionType.RECV_B, rank, step);
      case RECV_B -> pair(action, action.stage() + 1, ActionType.SEND_B, rank, step);
      case F, I, W, B, UNSHARD, RESHARD, REDUCE_GRAD, OVERLAP_F_B -> {}
    }
  }

  private void pair(Action action, int peerStage, ActionType peerType, int rank, int step) {
    if (peerStage < 0 || peerStage >= schedule.numStages()) {
      throw at(rank, step, "%s has no stage at its other end".formatted(action));
    }
    if (placement.sameRank(action.stage(), peerStage)) {
      throw at(rank, step, action + " has its other end on the same rank");
    }
    if (!transfers.contains(peerStage, peerType, action.microbatch())) {
      throw at(
          rank,
          step,
          String.format(
              Locale.ROOT,
              "%s has no %s on rank %d",
              action,
              Action.of(peerStage, peerType, action.microbatch()),
              placement.rankOf(peerStage)));
    }
  }

  private ConfigException at(int rank, int step, String problem) {
    return ScheduleValidator.error(schedule.ranks(), rank, step, problem);
  }
}
