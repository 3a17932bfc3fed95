package dev.penstock.engine.split;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A model cut into stages, with what each stage costs.
 *
 * @param moduleNamesPerStage the modules of each stage, in the model's order
 * @param stageCosts the cost of each stage
 * @param stageParameters the parameters of each stage
 * @param stageToRank the rank of each stage
 */
public record StageCut(
    List<List<String>> moduleNamesPerStage,
    List<Double> stageCosts,
    List<Long> stageParameters,
    List<Integer> stageToRank) {
  public StageCut {
    moduleNamesPerStage = moduleNamesPerStage.stream().map(List::copyOf).toList();
    stageCosts = List.copyOf(stageCosts);
    stageParameters = List.copyOf(stageParameters);
    stageToRank = List.copyOf(stageToRank);
  }

  /** The cost of each rank: the sum of its stages. */
  public List<Double> rankCosts() {
    List<Double> costs =
        new ArrayList<>(Collections.nCopies(Collections.max(stageToRank) + 1, 0.0));
    for (int stage = 0; stage < stageToRank.size(); stage++) {
      costs.set(stageToRank.get(stage), costs.get(stageToRank.get(stage)) + stageCosts.get(stage));
    }
    return List.copyOf(costs);
  }

  /** The cost of the slowest rank, which all the others wait for. */
  public double bottleneck() {
    return Collections.max(rankCosts());
  }

  /** The part of the whole model's cost that is this stage's, 0 to 1. */
  public double share(int stage) {
    double total = stageCosts.stream().mapToDouble(Double::doubleValue).sum();
    return total == 0 ? 0 : stageCosts.get(stage) / total;
  }
}
