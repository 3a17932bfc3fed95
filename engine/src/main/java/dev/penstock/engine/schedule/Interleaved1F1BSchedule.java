package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;

/**
 * 1F1B over several stages a rank (Narayanan et al. 2021, arXiv:2104.04473; torch's
 * ScheduleInterleaved1F1B and Megatron's interleaved schedule): the bubble shrinks by V.
 *
 * <p>Rank r, N = V*M, G microbatches a round, w = min(N, (V-1)G + 2(P-1-r)):
 *
 * <ol>
 *   <li>warm-up: w forwards;
 *   <li>steady: N-w times a forward and a backward;
 *   <li>cool-down: w backwards.
 * </ol>
 */
final class Interleaved1F1BSchedule implements ScheduleGenerator {
  private static final int WARMUP_PER_RANK = 2;

  @Override
  public String name() {
    return "Interleaved1F1B";
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
        InterleavedNumbering.of("Interleaved 1F1B", ppSize, stagesPerRank, numMicrobatches);
    return ComputeOrder.assemble(
        this,
        ppSize,
        stagesPerRank,
        numMicrobatches,
        rank -> order(numbering, rank, stagesPerRank * numMicrobatches));
  }

  private static List<Action> order(InterleavedNumbering numbering, int rank, int total) {
    int warmup = numbering.warmup(rank, WARMUP_PER_RANK, total);
    List<Action> order = new ArrayList<>(2 * total);
    for (int k = 0; k < warmup; k++) {
      order.add(numbering.forward(rank, k));
    }
    for (int k = 0; k < total; k++) {
      if (warmup + k < total) {
        order.add(numbering.forward(rank, warmup + k));
      }
      order.add(numbering.backward(rank, ActionType.B, k));
    }
    return order;
  }
}
