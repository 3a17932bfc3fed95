package dev.penstock.engine.split;

/**
 * Looks at every cut that could still beat the best one known, stage by stage. Small problems are
 * searched to the end, and then the result is the best there is; large ones until the budget of
 * visited stages is spent. Counting visits instead of time gives every rank the same answer.
 */
final class CutSearch {
  private static final int BUDGET = 3_000_000;

  private final CutProblem problem;
  private final int[] lastStageOfRank;
  private final double[] loads;
  private final int[] cut;
  private int[] best;
  private CutProblem.Score bestScore;
  private int visits;

  CutSearch(CutProblem problem, int[] start) {
    this.problem = problem;
    this.best = start.clone();
    this.bestScore = problem.score(start);
    this.loads = new double[problem.numRanks()];
    this.cut = new int[problem.numStages() + 1];
    this.lastStageOfRank = new int[problem.numRanks()];
    for (int stage = 0; stage < problem.numStages(); stage++) {
      lastStageOfRank[problem.rankOf(stage)] = stage;
    }
  }

  int[] run() {
    visit(0, 0);
    return best;
  }

  private void visit(int stage, double largest) {
    int begin = cut[stage];
    if (stage == problem.numStages() - 1) {
      finish(largest, begin);
      return;
    }
    int last = problem.numModules() - (problem.numStages() - stage - 1);
    int rank = problem.rankOf(stage);
    for (int end = begin + 1; end <= last; end++) {
      double cost = problem.cost(begin, end);
      if (++visits > BUDGET || cannotWin(loads[rank] + cost, Math.max(largest, cost))) {
        return;
      }
      loads[rank] += cost;
      cut[stage + 1] = end;
      if (fits(stage + 1, end)) {
        visit(stage + 1, Math.max(largest, cost));
      }
      loads[rank] -= cost;
    }
  }

  private boolean cannotWin(double load, double largest) {
    return problem.less(bestScore.bottleneck(), load)
        || (!problem.less(load, bestScore.bottleneck())
            && !problem.less(largest, bestScore.largestStage()));
  }

  /** Whether the ranks that still have stages to come can take what is left. */
  private boolean fits(int stage, int begin) {
    double room = 0;
    for (int rank = 0; rank < loads.length; rank++) {
      if (lastStageOfRank[rank] >= stage) {
        room += Math.max(0, bestScore.bottleneck() - loads[rank]);
      }
    }
    return !problem.less(room, problem.cost(begin, problem.numModules()));
  }

  private void finish(double largest, int begin) {
    int stage = problem.numStages() - 1;
    double cost = problem.cost(begin, problem.numModules());
    if (cannotWin(loads[problem.rankOf(stage)] + cost, Math.max(largest, cost))) {
      return;
    }
    cut[stage + 1] = problem.numModules();
    CutProblem.Score score = problem.score(cut);
    if (problem.better(score, bestScore)) {
      bestScore = score;
      best = cut.clone();
    }
  }
}
