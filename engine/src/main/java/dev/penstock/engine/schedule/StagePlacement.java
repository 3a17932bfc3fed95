package dev.penstock.engine.schedule;

import dev.penstock.engine.config.PlacementStyle;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Which pipeline rank computes each stage.
 *
 * @param stageToRank the rank of stage {@code i} at index {@code i}
 */
public record StagePlacement(List<Integer> stageToRank) {
  public StagePlacement {
    stageToRank = List.copyOf(stageToRank);
  }

  /** The placement of {@code numStages} stages in one of the regular styles. */
  public static StagePlacement of(PlacementStyle style, int ppSize, int numStages) {
    return new StagePlacement(
        IntStream.range(0, numStages).mapToObj(stage -> style.rankOf(stage, ppSize)).toList());
  }

  /** Stage {@code s} on rank {@code s mod ppSize}. */
  public static StagePlacement loop(int ppSize, int numStages) {
    return of(PlacementStyle.LOOP, ppSize, numStages);
  }

  /**
   * Zig-zag: 0..P-1, P-1..0, 0.., so that with two stages a rank the first and last share rank 0.
   */
  public static StagePlacement v(int ppSize, int numStages) {
    return of(PlacementStyle.V, ppSize, numStages);
  }

  public int numStages() {
    return stageToRank.size();
  }

  public int rankOf(int stage) {
    return stageToRank.get(stage);
  }

  /** Whether two stages live on one rank, so that a tensor between them is not sent. */
  public boolean sameRank(int stage, int otherStage) {
    return rankOf(stage) == rankOf(otherStage);
  }

  /** The stages of one rank, ascending. */
  public List<Integer> stagesOf(int rank) {
    return IntStream.range(0, numStages()).filter(stage -> rankOf(stage) == rank).boxed().toList();
  }
}
