package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;

/**
 * Breadth-first pipeline (Lamy-Poirier 2022, arXiv:2211.05953; torch's ScheduleLoopedBFS): a rank
 * runs all microbatches through one of its stages before it turns to the next.
 *
 * <p>Rank r with V stages: M forwards on each stage r, r+P, .. r+(V-1)P, microbatches ascending;
 * then the stages descending, M backwards on each, microbatches descending.
 */
final class LoopedBfsSchedule implements ScheduleGenerator {
  @Override
  public String name() {
    return "LoopedBFS";
  }

  @Override
  public boolean singleStage() {
    return false;
  }

  @Override
  public PlacementStyle placementStyle() {
    return PlacementStyle.LOOP;
  }

  @Override
  public PipelineSchedule generate(int ppSize, int stagesPerRank, int numMicrobatches) {
    ComputeOrder.checkPositive(ppSize, stagesPerRank, numMicrobatches);
    return ComputeOrder.assemble(
        this,
        ppSize,
        stagesPerRank,
        numMicrobatches,
        rank -> order(rank, ppSize, stagesPerRank, numMicrobatches));
  }

  private static List<Action> order(int rank, int ppSize, int stagesPerRank, int numMicrobatches) {
    List<Action> order = new ArrayList<>(2 * stagesPerRank * numMicrobatches);
    for (int v = 0; v < stagesPerRank; v++) {
      for (int microbatch = 0; microbatch < numMicrobatches; microbatch++) {
        order.add(Action.of(rank + v * ppSize, ActionType.F, microbatch));
      }
    }
    for (int v = stagesPerRank - 1; v >= 0; v--) {
      for (int microbatch = numMicrobatches - 1; microbatch >= 0; microbatch--) {
        order.add(Action.of(rank + v * ppSize, ActionType.B, microbatch));
      }
    }
    return order;
  }
}
