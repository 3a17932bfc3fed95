package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * DualPipe cut in half: a V of two stages a rank whose forwards and backwards are paired so that
 * their communication can overlap (DeepSeek-V3's DualPipe as a V, github.com/deepseek-ai/DualPipe;
 * torch's ScheduleDualPipeV).
 *
 * <p>Rank r, stages a = r and b = 2P-1-r; "(x;y)" is an OVERLAP_F_B; W takes the oldest I whose
 * weights are still owed, if there is one:
 *
 * <ol>
 *   <li>2(P-r-1) times Fa;
 *   <li>r+1 times Fa Fb;
 *   <li>P-r-1 times Ib W Fb;
 *   <li>M-2P+r+1 times (Fa;Bb) (Fb;Ba), of which the very first on the last rank is not overlapped;
 *   <li>P-r-1 times Bb (Fb;Ba);
 *   <li>r+1 times a backward of b and one of a, of which the second half (from a on for even r) is
 *       split and owes its W;
 *   <li>P-r-1 times W and a backward of a, split if step 6 ended split;
 *   <li>r+1 times W.
 * </ol>
 */
final class DualPipeVSchedule implements ScheduleGenerator {
  @Override
  public String name() {
    return "DualPipeV";
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
    int numStages = ppSize * stagesPerRank;
    ComputeOrder.check(
        numMicrobatches >= numStages,
        String.format(
            Locale.ROOT,
            ("DualPipeV requires at least as many microbatches as stages, but got %d microbatches and %d"
                + " stages."),
            numMicrobatches,
            numStages));
    return ComputeOrder.assemble(
        this,
        ppSize,
        stagesPerRank,
        numMicrobatches,
        rank -> new RankOrder(rank, ppSize, numMicrobatches).build());
  }

  /** The order of one rank while it is being made. */
  private static final class RankOrder {
    private final int rank;
    private final int ppSize;
    private final int numMicrobatches;
    private final int a;
    private final int b;
    private final int[] forwards;
    private final int[] backwards;
    private final Deque<Action> owedWeights = new ArrayDeque<>();
    private final List<Action> order;

    RankOrder(int rank, int ppSize, int numMicrobatches) {
      this.rank = rank;
      this.ppSize = ppSize;
      this.numMicrobatches = numMicrobatches;
      this.a = rank;
      this.b = 2 * ppSize - 1 - rank;
      this.forwards = new int[2 * ppSize];
      this.backwards = new int[2 * ppSize];
      this.order = new ArrayList<>(4 * numMicrobatches + 2 * ppSize);
    }

    List<Action> build() {
      int behind = ppSize - rank - 1;
      warmUp(behind);
      for (int k = 0; k < numMicrobatches - 2 * ppSize + rank + 1; k++) {
        if (k == 0 && behind == 0) {
          // The last rank's first pair works on one microbatch: its backward needs this forward.
          order.add(forward(a));
          order.add(full(b));
        } else {
          order.add(Action.overlap(forward(a), full(b)));
        }
        order.add(Action.overlap(forward(b), full(a)));
      }
      for (int k = 0; k < behind; k++) {
        order.add(full(b));
        order.add(Action.overlap(forward(b), full(a)));
      }
      coolDown(behind);
      return order;
    }

    private void warmUp(int behind) {
      for (int k = 0; k < 2 * behind; k++) {
        order.add(forward(a));
      }
      for (int k = 0; k < rank + 1; k++) {
        order.add(forward(a));
        order.add(forward(b));
      }
      for (int k = 0; k < behind; k++) {
        addBackward(b, true);
        addOwedWeight();
        order.add(forward(b));
      }
    }

    private void coolDown(int behind) {
      int half = (rank + 1) / 2;
      boolean split = false;
      for (int k = 0; k <= rank; k++) {
        if (k == half && rank % 2 == 1) {
          split = true;
        }
        addBackward(b, split);
        if (k == half && rank % 2 == 0) {
          split = true;
        }
        addBackward(a, split);
      }
      for (int k = 0; k < behind; k++) {
        addOwedWeight();
        addBackward(a, split);
      }
      for (int k = 0; k < rank + 1; k++) {
        addOwedWeight();
      }
    }

    private Action forward(int stage) {
      return Action.of(stage, ActionType.F, forwards[stage]++);
    }

    private Action full(int stage) {
      return Action.of(stage, ActionType.B, backwards[stage]++);
    }

    private void addBackward(int stage, boolean split) {
      if (!split) {
        order.add(full(stage));
        return;
      }
      int microbatch = backwards[stage]++;
      order.add(Action.of(stage, ActionType.I, microbatch));
      owedWeights.add(Action.of(stage, ActionType.W, microbatch));
    }

    private void addOwedWeight() {
      Action weight = owedWeights.poll();
      if (weight != null) {
        order.add(weight);
      }
    }
  }
}
