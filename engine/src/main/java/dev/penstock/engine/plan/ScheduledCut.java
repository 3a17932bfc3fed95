package dev.penstock.engine.plan;

import dev.penstock.engine.model.LayerPart;
import dev.penstock.engine.schedule.CostModel;
import dev.penstock.engine.schedule.PipelineSchedule;
import dev.penstock.engine.schedule.Simulator;
import dev.penstock.engine.schedule.StageCost;
import dev.penstock.engine.split.ModuleCost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Moves the boundaries of a cut to where the schedule's step is shortest, by simulation: evenly
 * loaded ranks may still wait for each other. Where there are few cuts all of them are tried; else
 * the search goes downhill from the cut it is given and ends in the best one around, or when so
 * many actions were simulated. Counting those instead of time gives every rank the same answer.
 */
final class ScheduledCut {
  private static final long BUDGET = 100_000;

  /** Parts by which a boundary moves at once: a layer. */
  private static final int FARTHEST = 2;

  /** Steps that differ by less than this share are equal but for rounding. */
  private static final double ROUNDING = 1e-9;

  private final PipelineSchedule schedule;
  private final List<ModuleCost> parts;
  private final boolean splitBackward;
  private final long actions;
  private long simulated;

  /**
   * A cut as boundaries: stage {@code s} has the parts from {@code boundaries[s]} up to, not
   * including, {@code boundaries[s + 1]}.
   *
   * @param time the simulated step, in the costs' unit
   * @param bottleneck the busiest rank's time
   */
  record Cut(int[] boundaries, double time, double bottleneck) {
    boolean isBetterThan(Cut other) {
      if (Math.abs(time - other.time) > ROUNDING * other.time) {
        return time < other.time;
      }
      return bottleneck < (1 - ROUNDING) * other.bottleneck;
    }
  }

  /**
   * Prepares a search.
   *
   * @param parts every part of the model in the order of the forward pass
   * @param splitBackward whether half of the backward pass is for the weights, or all for the input
   */
  ScheduledCut(PipelineSchedule schedule, List<ModuleCost> parts, boolean splitBackward) {
    this.schedule = schedule;
    this.parts = parts;
    this.splitBackward = splitBackward;
    actions = schedule.ranks().stream().mapToLong(List::size).sum();
  }

  /**
   * The best cut there is, or around one.
   *
   * @param stages names of each stage's modules
   */
  Cut around(List<List<String>> stages) {
    simulated = 0;
    Cut best = of(stages);
    if (numCuts() * actions <= BUDGET) {
      return bestOfAll(best.boundaries.clone(), 1, best);
    }
    for (Cut next = neighbor(best); next != null; ) {
      best = next;
      next = neighbor(best);
    }
    return best;
  }

  /** A cut as it is. */
  Cut of(List<List<String>> stages) {
    return simulate(boundaries(stages));
  }

  /** Names of each stage's modules. */
  List<List<String>> stages(Cut cut) {
    List<List<String>> stages = new ArrayList<>();
    for (int stage = 0; stage < schedule.numStages(); stage++) {
      stages.add(
          LayerPart.joined(
              parts.subList(cut.boundaries[stage], cut.boundaries[stage + 1]).stream()
                  .map(ModuleCost::name)
                  .toList()));
    }
    return List.copyOf(stages);
  }

  /** In how many ways the parts can be cut; a large number for all that are more. */
  private double numCuts() {
    double cuts = 1;
    for (int boundary = 1; boundary < schedule.numStages(); boundary++) {
      cuts *= (double) (parts.size() - boundary) / boundary;
    }
    return cuts;
  }

  /** The best of the cuts with the same boundaries before one, and of one that is known. */
  private Cut bestOfAll(int[] boundaries, int boundary, Cut known) {
    int stages = schedule.numStages();
    if (boundary == stages) {
      Cut tried = isCut(boundaries) ? simulate(boundaries.clone()) : known;
      return tried.isBetterThan(known) ? tried : known;
    }
    Cut best = known;
    int last = parts.size() - (stages - boundary);
    for (int at = boundaries[boundary - 1] + 1; at <= last; at++) {
      boundaries[boundary] = at;
      best = bestOfAll(boundaries, boundary + 1, best);
    }
    return best;
  }

  /** The first better cut that is made by a move of one boundary or of two. */
  private @Nullable Cut neighbor(Cut cut) {
    int boundaries = cut.boundaries.length - 1;
    for (int first = 1; first < boundaries; first++) {
      for (int second = first; second < boundaries; second++) {
        int farthest = second == first ? 0 : FARTHEST;
        for (int by = -FARTHEST; by <= FARTHEST; by++) {
          for (int too = -farthest; too <= farthest; too++) {
            int[] moved = cut.boundaries.clone();
            moved[first] += by;
            moved[second] += too;
            Cut tried = isCut(moved) ? simulate(moved) : cut;
            if (tried.isBetterThan(cut)) {
              return tried;
            }
          }
        }
      }
    }
    return null;
  }

  private boolean isCut(int[] boundaries) {
    return simulated <= BUDGET && hasNoEmptyStage(boundaries);
  }

  private static boolean hasNoEmptyStage(int[] boundaries) {
    return IntStream.range(1, boundaries.length).allMatch(i -> boundaries[i - 1] < boundaries[i]);
  }

  private int[] boundaries(List<List<String>> stages) {
    int[] boundaries = new int[stages.size() + 1];
    for (int stage = 0; stage < stages.size(); stage++) {
      boundaries[stage + 1] = boundaries[stage] + LayerPart.halved(stages.get(stage)).size();
    }
    return boundaries;
  }

  private Cut simulate(int[] boundaries) {
    simulated += actions;
    List<StageCost> costs = new ArrayList<>();
    double[] ranks = new double[schedule.ppSize()];
    for (int stage = 0; stage < schedule.numStages(); stage++) {
      double forward = 0;
      double backward = 0;
      for (ModuleCost part : parts.subList(boundaries[stage], boundaries[stage + 1])) {
        forward += part.forwardFlops();
        backward += part.backwardFlops();
      }
      double weight = splitBackward ? backward / 2 : 0;
      costs.add(new StageCost(forward, backward - weight, weight, backward, 0, 0));
      ranks[schedule.placement().rankOf(stage)] += forward + backward;
    }
    double time = Simulator.simulate(schedule, new CostModel(costs)).makespan();
    return new Cut(boundaries, time, Arrays.stream(ranks).max().orElseThrow());
  }
}
