package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One forward, one backward (PipeDream-Flush, Narayanan et al. 2021, arXiv:2006.09503; torch's
 * Schedule1F1B). As many live activations as stages from here to the end, instead of GPipe's M.
 *
 * <p>Rank r of S = P stages, w = min(M, S-1-r):
 *
 * <ol>
 *   <li>warm-up: w forwards;
 *   <li>steady: M-w times a forward and a backward;
 *   <li>cool-down: w backwards.
 * </ol>
 */
final class OneFOneBSchedule implements ScheduleGenerator {
  @Override
  public String name() {
    return "1F1B";
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
    ComputeOrder.check(
        numMicrobatches >= ppSize,
        String.format(
            Locale.ROOT,
            "Number of microbatches (%d) must be greater than or equal to the number of stages (%d).",
            numMicrobatches,
            ppSize));
    return ComputeOrder.assemble(
        this, ppSize, stagesPerRank, numMicrobatches, rank -> order(rank, ppSize, numMicrobatches));
  }

  private static List<Action> order(int rank, int numStages, int numMicrobatches) {
    int warmup = Math.min(numMicrobatches, numStages - 1 - rank);
    List<Action> order = new ArrayList<>(2 * numMicrobatches);
    for (int microbatch = 0; microbatch < warmup; microbatch++) {
      order.add(Action.of(rank, ActionType.F, microbatch));
    }
    for (int k = 0; k < numMicrobatches - warmup; k++) {
      order.add(Action.of(rank, ActionType.F, warmup + k));
      order.add(Action.of(rank, ActionType.B, k));
    }
    for (int k = numMicrobatches - warmup; k < numMicrobatches; k++) {
      order.add(Action.of(rank, ActionType.B, k));
    }
    return order;
  }
}
