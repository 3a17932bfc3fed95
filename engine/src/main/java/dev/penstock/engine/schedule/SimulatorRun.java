package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The state of one simulated step. Each rank goes as far as it can, in turn, until all are done.
 */
final class SimulatorRun {
  /** Told the time of every action. */
  interface Listener {
    void onAction(int rank, Action action, double begin, double end);
  }

  private static final double NEVER = Double.POSITIVE_INFINITY;

  private final PipelineSchedule schedule;
  private final CostModel costs;
  private final StagePlacement placement;
  private final boolean lowered;
  private final int numMicrobatches;

  /** When a stage's output, or its input's gradient, was there; by stage and microbatch. */
  private final double[] forwardDone;

  private final double[] backwardDone;

  /** When it was sent; only in a lowered schedule. */
  private final double[] forwardSent;

  private final double[] backwardSent;

  /** Which RECV actions a rank has passed. */
  private final ActionSet received;

  private final int[] next;
  private final double[] clock;
  private final double[] busy;
  private final ActivationCount activations;

  SimulatorRun(PipelineSchedule schedule, CostModel costs) {
    this.schedule = schedule;
    this.costs = costs;
    this.placement = schedule.placement();
    this.lowered = schedule.isLowered();
    this.numMicrobatches = ActionSet.bound(schedule.ranks(), schedule.numMicrobatches());
    int slots = placement.numStages() * numMicrobatches;
    this.forwardDone = never(slots);
    this.backwardDone = never(slots);
    this.forwardSent = lowered ? never(slots) : forwardDone;
    this.backwardSent = lowered ? never(slots) : backwardDone;
    this.received = new ActionSet(numMicrobatches);
    this.next = new int[schedule.ppSize()];
    this.clock = new double[schedule.ppSize()];
    this.busy = new double[schedule.ppSize()];
    this.activations = new ActivationCount(schedule.ppSize());
  }

  private static double[] never(int length) {
    double[] times = new double[length];
    Arrays.fill(times, NEVER);
    return times;
  }

  Simulation run(Listener listener) {
    boolean progress = true;
    while (progress) {
      progress = false;
      for (int rank = 0; rank < next.length; rank++) {
        List<Action> row = schedule.ranks().get(rank);
        while (next[rank] < row.size() && act(rank, row.get(next[rank]), listener)) {
          next[rank]++;
          progress = true;
        }
      }
    }
    for (int rank = 0; rank < next.length; rank++) {
      if (next[rank] < schedule.ranks().get(rank).size()) {
        throw Simulator.notProgressing(schedule, next);
      }
    }
    return summary();
  }

  /** Runs the action if what it needs is there. */
  private boolean act(int rank, Action action, Listener listener) {
    double begin = clock[rank];
    switch (action.type()) {
      case F, I, W, B, OVERLAP_F_B -> {
        begin = compute(rank, action);
        if (begin == NEVER) {
          return false;
        }
      }
      case SEND_F -> {
        if (!send(action, forwardDone, forwardSent, clock[rank])) {
          return false;
        }
      }
      case SEND_B -> {
        if (!send(action, backwardDone, backwardSent, clock[rank])) {
          return false;
        }
      }
      case RECV_F, RECV_B -> received.add(action);
      case UNSHARD, RESHARD, REDUCE_GRAD -> {}
    }
    listener.onAction(rank, action, begin, clock[rank]);
    return true;
  }

  /** Returns when the action began, or {@link #NEVER} if it lacks an input. */
  private double compute(int rank, Action action) {
    for (Action leaf : action.leaves()) {
      if (inputTime(leaf) == NEVER) {
        return NEVER;
      }
    }
    double begin = NEVER;
    for (Action leaf : action.leaves()) {
      double leafBegin = Math.max(clock[rank], inputTime(leaf));
      double cost = costs.of(leaf);
      begin = Math.min(begin, leafBegin);
      clock[rank] = leafBegin + cost;
      busy[rank] += cost;
      activations.add(rank, leaf.type());
      if (leaf.type() == ActionType.F) {
        forwardDone[slot(leaf.stage(), leaf.microbatch())] = clock[rank];
      } else if (leaf.type().isInputBackward()) {
        backwardDone[slot(leaf.stage(), leaf.microbatch())] = clock[rank];
      }
    }
    return begin;
  }

  private double inputTime(Action leaf) {
    int stage = leaf.stage();
    if (leaf.type() == ActionType.F && stage > 0) {
      int slot = slot(stage - 1, leaf.microbatch());
      return placement.sameRank(stage, stage - 1)
          ? forwardDone[slot]
          : arrival(leaf, ActionType.RECV_F, forwardSent[slot], costs.of(stage - 1).sendForward());
    }
    if (leaf.type().isInputBackward() && stage < placement.numStages() - 1) {
      int slot = slot(stage + 1, leaf.microbatch());
      return placement.sameRank(stage, stage + 1)
          ? backwardDone[slot]
          : arrival(
              leaf, ActionType.RECV_B, backwardSent[slot], costs.of(stage + 1).sendBackward());
    }
    return 0;
  }

  private double arrival(Action leaf, ActionType receive, double sent, double cost) {
    boolean expected = !lowered || received.contains(leaf.stage(), receive, leaf.microbatch());
    return expected ? sent + cost : NEVER;
  }

  private boolean send(Action action, double[] done, double[] sent, double time) {
    int slot = slot(action.stage(), action.microbatch());
    if (done[slot] == NEVER) {
      return false;
    }
    sent[slot] = time;
    return true;
  }

  private int slot(int stage, int microbatch) {
    return stage * numMicrobatches + microbatch;
  }

  private Simulation summary() {
    double makespan = Arrays.stream(clock).max().orElse(0);
    List<Double> idle = new ArrayList<>();
    for (double time : busy) {
      idle.add(makespan - time);
    }
    return new Simulation(
        makespan, Arrays.stream(busy).boxed().toList(), idle, activations.peaks());
  }
}
