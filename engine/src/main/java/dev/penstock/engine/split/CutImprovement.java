package dev.penstock.engine.split;

/**
 * Improves a cut by handing one module's worth of work from one stage to another: every boundary
 * between the two moves by one, so the stages in between keep their size. Ends where no such step
 * helps.
 */
final class CutImprovement {
  private final CutProblem problem;

  CutImprovement(CutProblem problem) {
    this.problem = problem;
  }

  int[] improve(int[] start) {
    int[] cut = start.clone();
    CutProblem.Score score = problem.score(cut);
    boolean improved = true;
    while (improved) {
      improved = false;
      for (int from = 0; from < problem.numStages(); from++) {
        for (int to = 0; to < problem.numStages(); to++) {
          if (from == to || cut[from + 1] - cut[from] < 2) {
            continue;
          }
          hand(cut, from, to);
          CutProblem.Score moved = problem.score(cut);
          if (problem.closer(moved, score)) {
            score = moved;
            improved = true;
          } else {
            hand(cut, to, from);
          }
        }
      }
    }
    return cut;
  }

  private static void hand(int[] cut, int from, int to) {
    for (int boundary = from + 1; boundary <= to; boundary++) {
      cut[boundary]--;
    }
    for (int boundary = to + 1; boundary <= from; boundary++) {
      cut[boundary]++;
    }
  }
}
