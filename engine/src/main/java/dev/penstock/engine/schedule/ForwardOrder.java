package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A schedule reduced to its forward passes, for evaluation. Each rank keeps the order of its F
 * actions, which is an order that can run, whatever the placement: V-shaped schedules too.
 */
public final class ForwardOrder {
  private ForwardOrder() {}

  /**
   * The lowered forward passes.
   *
   * @param compute a compute order, not lowered
   */
  public static PipelineSchedule of(PipelineSchedule compute) {
    List<List<Action>> ranks = new ArrayList<>();
    for (List<Action> actions : compute.ranks()) {
      ranks.add(
          actions.stream()
              .flatMap(
                  action ->
                      action.type() == ActionType.OVERLAP_F_B
                          ? action.parts().stream()
                          : Stream.of(action))
              .filter(action -> action.type() == ActionType.F)
              .toList());
    }
    return Lowering.addSendRecv(compute.withRanks(ranks));
  }
}
