package dev.penstock.engine.schedule;

import java.util.List;

/**
 * What a schedule costs under a {@link CostModel}.
 *
 * @param makespan time from the first action to the end of the last
 * @param busy time each rank computes
 * @param idle time each rank does not
 * @param peakActivations most microbatch activations alive at a time on each rank: forwards less
 *     those whose B or W is done, over all stages of the rank
 */
public record Simulation(
    double makespan, List<Double> busy, List<Double> idle, List<Integer> peakActivations) {
  public Simulation {
    busy = List.copyOf(busy);
    idle = List.copyOf(idle);
    peakActivations = List.copyOf(peakActivations);
  }

  /** The share of all ranks' time in which nothing is computed. */
  public double bubbleFraction() {
    double total = makespan * idle.size();
    return total == 0 ? 0 : idle.stream().mapToDouble(Double::doubleValue).sum() / total;
  }

  /** The peak of the rank that has most. */
  public int worstPeakActivations() {
    return peakActivations.stream().mapToInt(Integer::intValue).max().orElse(0);
  }
}
