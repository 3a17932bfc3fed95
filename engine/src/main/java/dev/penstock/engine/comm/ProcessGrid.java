package dev.penstock.engine.comm;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Rank arithmetic of a pipeline x data grid: the pipeline axis varies slowest, as in the
 * reference's device mesh (pp outermost), so {@code rank = ppRank * dpSize + dpRank}.
 *
 * @param ppSize pipeline ranks
 * @param dpSize replicas of the pipeline
 */
public record ProcessGrid(int ppSize, int dpSize) {
  public ProcessGrid {
    if (ppSize < 1 || dpSize < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "ppSize and dpSize must be at least 1: ppSize=%d, dpSize=%d",
              ppSize,
              dpSize));
    }
  }

  public int size() {
    return ppSize * dpSize;
  }

  public int ppRank(int rank) {
    return rank / dpSize;
  }

  public int dpRank(int rank) {
    return rank % dpSize;
  }

  public int rank(int ppRank, int dpRank) {
    return ppRank * dpSize + dpRank;
  }

  /** The ranks of one pipeline replica, first stage first. */
  public List<Integer> pipelineOf(int rank) {
    List<Integer> ranks = new ArrayList<>(ppSize);
    for (int pp = 0; pp < ppSize; pp++) {
      ranks.add(rank(pp, dpRank(rank)));
    }
    return List.copyOf(ranks);
  }

  /** The ranks that hold the same stages as {@code rank}, one of each replica. */
  public List<Integer> replicasOf(int rank) {
    List<Integer> ranks = new ArrayList<>(dpSize);
    for (int dp = 0; dp < dpSize; dp++) {
      ranks.add(rank(ppRank(rank), dp));
    }
    return List.copyOf(ranks);
  }

  /** Every rank. */
  public List<Integer> all() {
    List<Integer> ranks = new ArrayList<>(size());
    for (int rank = 0; rank < size(); rank++) {
      ranks.add(rank);
    }
    return List.copyOf(ranks);
  }
}
