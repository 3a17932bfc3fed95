package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;

/**
 * All forwards, then all backwards (Huang et al. 2019, arXiv:1811.06965; torch's ScheduleGPipe).
 *
 * <p>Rank r: M forwards, M backwards, both with ascending microbatches. Idle 3(P-1) at unit cost; M
 * activations live.
 */
final class GPipeSchedule implements ScheduleGenerator {
  @Override
  public String name() {
    return "GPipe";
  }

  @Override
  public boolean singleStage() {
    return true;
  }

  @Override
  public PlacementStyle placementStyle() {
    return PlacementStyle.LOOP;
  }

  @Override
  public PipelineSchedule generate(int ppSize, int stagesPerRank, int numMicrobatches) {
    ComputeOrder.checkPositive(ppSize, stagesPerRank, numMicrobatches);
    ComputeOrder.checkOneStagePerRank(name(), stagesPerRank);
    return ComputeOrder.assemble(
        this, ppSize, stagesPerRank, numMicrobatches, rank -> order(rank, numMicrobatches));
  }

  private static List<Action> order(int rank, int numMicrobatches) {
    List<Action> order = new ArrayList<>(2 * numMicrobatches);
    for (int microbatch = 0; microbatch < numMicrobatches; microbatch++) {
      order.add(Action.of(rank, ActionType.F, microbatch));
    }
    for (int microbatch = 0; microbatch < numMicrobatches; microbatch++) {
      order.add(Action.of(rank, ActionType.B, microbatch));
    }
    return order;
  }
}
