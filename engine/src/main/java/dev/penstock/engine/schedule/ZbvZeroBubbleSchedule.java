package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayList;
import java.util.List;

/**
 * Zero bubble on a V of two stages a rank (ZB-V of Qi et al. 2024, arXiv:2405.15362; torch's
 * ScheduleZBVZeroBubble): the first and the last stage share rank 0, so a backward starts the
 * moment its forward ends.
 *
 * <p>Rank r, stages a = r and b = 2P-1-r, n = max(M, 2P-1):
 *
 * <ol>
 *   <li>2(P-r)-1 times Fa;
 *   <li>r times Fb Fa;
 *   <li>P-r times Fb Ib Wb;
 *   <li>while #Fb &lt; #Fa or #Fa &lt; n: Fa if one is left, then Ia Wa Fb Ib Wb;
 *   <li>r times Ia Ib;
 *   <li>P-r times Ia Wa;
 *   <li>the W of b still owed, then those of a.
 * </ol>
 *
 * <p>With fewer than 2P-1 microbatches the order for 2P-1 is made and the surplus dropped.
 */
final class ZbvZeroBubbleSchedule implements ScheduleGenerator {
  @Override
  public String name() {
    return "ZBVZeroBubble";
  }

  @Override
  public boolean singleStage() {
    return false;
  }

  @Override
  public PlacementStyle placementStyle() {
    return PlacementStyle.V;
  }

  @Override
  public PipelineSchedule generate(int ppSize, int stagesPerRank, int numMicrobatches) {
    ComputeOrder.checkPositive(ppSize, stagesPerRank, numMicrobatches);
    ComputeOrder.checkTwoStagesPerRank(stagesPerRank);
    return ComputeOrder.assemble(
        this, ppSize, stagesPerRank, numMicrobatches, rank -> order(rank, ppSize, numMicrobatches));
  }

  private static List<Action> order(int rank, int ppSize, int numMicrobatches) {
    int planned = Math.max(numMicrobatches, 2 * ppSize - 1);
    VStage a = new VStage(rank, numMicrobatches);
    VStage b = new VStage(2 * ppSize - 1 - rank, numMicrobatches);
    List<Action> order = new ArrayList<>(6 * numMicrobatches);
    for (int i = 0; i < 2 * (ppSize - rank) - 1; i++) {
      a.forward(order);
    }
    for (int i = 0; i < rank; i++) {
      b.forward(order);
      a.forward(order);
    }
    for (int i = 0; i < ppSize - rank; i++) {
      b.forward(order);
      b.backward(order);
    }
    while (b.forwards < a.forwards || a.forwards < planned) {
      if (a.forwards < planned) {
        a.forward(order);
      }
      a.backward(order);
      b.forward(order);
      b.backward(order);
    }
    for (int i = 0; i < rank; i++) {
      a.input(order);
      b.input(order);
    }
    for (int i = 0; i < ppSize - rank; i++) {
      a.backward(order);
    }
    b.flushWeights(order);
    a.flushWeights(order);
    return order;
  }

  /** The running microbatch of each kind of work on one stage. */
  private static final class VStage {
    private final int stage;
    private final int numMicrobatches;
    private int forwards;
    private int inputs;
    private int weights;

    VStage(int stage, int numMicrobatches) {
      this.stage = stage;
      this.numMicrobatches = numMicrobatches;
    }

    void forward(List<Action> order) {
      add(order, ActionType.F, forwards++);
    }

    void input(List<Action> order) {
      add(order, ActionType.I, inputs++);
    }

    void backward(List<Action> order) {
      input(order);
      add(order, ActionType.W, weights++);
    }

    void flushWeights(List<Action> order) {
      while (weights < inputs) {
        add(order, ActionType.W, weights++);
      }
    }

    private void add(List<Action> order, ActionType type, int microbatch) {
      if (microbatch < numMicrobatches) {
        order.add(Action.of(stage, type, microbatch));
      }
    }
  }
}
