package dev.penstock.engine.split;

import java.util.Arrays;

/**
 * Modules in a row to be cut into stages. A cut is an array of boundaries: stage {@code s} has the
 * modules from {@code boundaries[s]} up to, not including, {@code boundaries[s + 1]}.
 */
final class CutProblem {
  /** Sums of costs that differ by less than this share are equal but for rounding. */
  private static final double ROUNDING = 1e-9;

  private final double[] prefix;
  private final int[] stageToRank;
  private final int numRanks;

  CutProblem(double[] costs, int[] stageToRank) {
    this.prefix = new double[costs.length + 1];
    for (int i = 0; i < costs.length; i++) {
      prefix[i + 1] = prefix[i] + costs[i];
    }
    this.stageToRank = stageToRank.clone();
    this.numRanks = Arrays.stream(stageToRank).max().orElse(0) + 1;
  }

  int numModules() {
    return prefix.length - 1;
  }

  int numStages() {
    return stageToRank.length;
  }

  int numRanks() {
    return numRanks;
  }

  int rankOf(int stage) {
    return stageToRank[stage];
  }

  double cost(int begin, int end) {
    return prefix[end] - prefix[begin];
  }

  double total() {
    return prefix[prefix.length - 1];
  }

  /** Less by more than rounding. */
  boolean less(double a, double b) {
    return a < b - ROUNDING * total();
  }

  Score score(int[] boundaries) {
    double[] loads = new double[numRanks];
    double largest = 0;
    for (int stage = 0; stage < stageToRank.length; stage++) {
      double cost = cost(boundaries[stage], boundaries[stage + 1]);
      loads[stageToRank[stage]] += cost;
      largest = Math.max(largest, cost);
    }
    double bottleneck = 0;
    double squares = 0;
    for (double load : loads) {
      bottleneck = Math.max(bottleneck, load);
      squares += load * load;
    }
    return new Score(bottleneck, largest, Math.sqrt(squares));
  }

  /**
   * How good a cut is.
   *
   * @param bottleneck cost of the slowest rank: what counts
   * @param largestStage cost of the largest stage: decides between cuts with equal bottleneck, as
   *     an uneven rank fills the pipeline more slowly
   * @param spread norm of the rank costs: tells a search that it comes nearer
   */
  record Score(double bottleneck, double largestStage, double spread) {}

  /** Whether a cut is the better result. */
  boolean better(Score a, Score b) {
    if (less(a.bottleneck, b.bottleneck) || less(b.bottleneck, a.bottleneck)) {
      return a.bottleneck < b.bottleneck;
    }
    return less(a.largestStage, b.largestStage);
  }

  /** Whether a cut is a step forward, though it may not yet be a better result. */
  boolean closer(Score a, Score b) {
    if (less(a.bottleneck, b.bottleneck) || less(b.bottleneck, a.bottleneck)) {
      return a.bottleneck < b.bottleneck;
    }
    if (less(a.spread, b.spread) || less(b.spread, a.spread)) {
      return a.spread < b.spread;
    }
    return less(a.largestStage, b.largestStage);
  }
}
