package dev.penstock.engine.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * Which pipeline rank computes each stage.
 *
 * @param stageToRank the rank of stage {@code i} at index {@code i}
 */
public record StagePlacement(List<Integer> stageToRank) {
  public StagePlacement {
    stageToRank = List.copyOf(stageToRank);
  }

  /** Stage {@code s} on rank {@code s mod ppSize}. */
  public static StagePlacement loop(int ppSize, int numStages) {
    List<Integer> ranks = new ArrayList<>(numStages);
    for (int stage = 0; stage < numStages; stage++) {
      ranks.add(stage % ppSize);
    }
    return new StagePlacement(ranks);
  }

  /**
   * Zig-zag: 0..P-1, P-1..0, 0.., so that with two stages a rank the first and last share rank 0.
   */
  public static StagePlacement v(int ppSize, int numStages) {
    List<Integer> ranks = new ArrayList<>(numStages);
    for (int stage = 0; stage < numStages; stage++) {
      int position = stage % ppSize;
      ranks.add((stage / ppSize) % 2 == 0 ? position : ppSize - 1 - position);
    }
    return new StagePlacement(ranks);
  }

  public int numStages() {
    return stageToRank.size();
  }

  public int rankOf(int stage) {
    return stageToRank.get(stage);
  }

  /** The stages of one rank, ascending. */
  public List<Integer> stagesOf(int rank) {
    List<Integer> stages = new ArrayList<>();
    for (int stage = 0; stage < stageToRank.size(); stage++) {
      if (stageToRank.get(stage) == rank) {
        stages.add(stage);
      }
    }
    return List.copyOf(stages);
  }
}
