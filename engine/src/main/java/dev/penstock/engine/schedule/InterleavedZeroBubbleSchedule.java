package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;

/**
 * Interleaved 1F1B with the backward split in two, so that weight gradients fill the bubble (ZB1P
 * of Qi et al. 2023, arXiv:2401.10241; torch's ScheduleInterleavedZeroBubble).
 *
 * <p>Rank r, N = V*M, G microbatches a round, w = min(N, (V-1)G + (P-1-r)):
 *
 * <ol>
 *   <li>warm-up: w forwards;
 *   <li>for k in 0..N-1: a forward while there is one, the k-th I, and from k = r on the next W, so
 *       that rank r owes r of them;
 *   <li>the r W's still owed.
 * </ol>
 */
final class InterleavedZeroBubbleSchedule implements ScheduleGenerator {
  private static final int WARMUP_PER_RANK = 1;

  @Override
  public String name() {
    return "InterleavedZeroBubble";
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
    InterleavedNumbering numbering =
        InterleavedNumbering.of("Zero bubble", ppSize, stagesPerRank, numMicrobatches);
    return ComputeOrder.assemble(
        this,
        ppSize,
        stagesPerRank,
        numMicrobatches,
        rank -> order(numbering, rank, stagesPerRank * numMicrobatches));
  }

  private static List<Action> order(InterleavedNumbering numbering, int rank, int total) {
    int warmup = numbering.warmup(rank, WARMUP_PER_RANK, total);
    List<Action> order = new ArrayList<>(3 * total);
    for (int k = 0; k < warmup; k++) {
      order.add(numbering.forward(rank, k));
    }
    int weights = 0;
    for (int k = 0; k < total; k++) {
      if (warmup + k < total) {
        order.add(numbering.forward(rank, warmup + k));
      }
      order.add(numbering.backward(rank, ActionType.I, k));
      if (k >= rank) {
        order.add(numbering.backward(rank, ActionType.W, weights++));
      }
    }
    while (weights < total) {
      order.add(numbering.backward(rank, ActionType.W, weights++));
    }
    return order;
  }
}
