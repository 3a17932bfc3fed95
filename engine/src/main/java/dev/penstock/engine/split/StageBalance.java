package dev.penstock.engine.split;

import java.util.Arrays;

/**
 * The cut whose largest stage is least, exactly, by dynamic programming over (stages, modules).
 * With one stage a rank that is the answer; with several it is a start.
 */
final class StageBalance {
  private StageBalance() {}

  static int[] cut(CutProblem problem) {
    int numModules = problem.numModules();
    int numStages = problem.numStages();
    int[][] lastBoundary = new int[numStages][numModules + 1];
    double[] best = new double[numModules + 1];
    for (int end = 0; end <= numModules; end++) {
      best[end] = problem.cost(0, end);
    }
    for (int stage = 1; stage < numStages; stage++) {
      double[] next = new double[numModules + 1];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      for (int end = stage + 1; end <= numModules; end++) {
        // From the right: the last stage only grows, so past the best nothing better comes.
        for (int begin = end - 1; begin >= stage; begin--) {
          double last = problem.cost(begin, end);
          double largest = Math.max(best[begin], last);
          if (largest < next[end]) {
            next[end] = largest;
            lastBoundary[stage][end] = begin;
          }
          if (last > next[end]) {
            break;
          }
        }
      }
      best = next;
    }
    int[] boundaries = new int[numStages + 1];
    boundaries[numStages] = numModules;
    for (int stage = numStages - 1; stage > 0; stage--) {
      boundaries[stage] = lastBoundary[stage][boundaries[stage + 1]];
    }
    return boundaries;
  }
}
