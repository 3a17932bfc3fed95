package dev.penstock.engine.schedule;

import java.util.Collections;
import java.util.List;

/**
 * The cost of every stage of a pipeline.
 *
 * @param stages the cost of stage {@code i} at index {@code i}
 */
public record CostModel(List<StageCost> stages) {
  public CostModel {
    stages = List.copyOf(stages);
  }

  /** Every stage at {@link StageCost#UNIT}. */
  public static CostModel unit(int numStages) {
    return uniform(numStages, StageCost.UNIT);
  }

  /** Every stage at the same cost. */
  public static CostModel uniform(int numStages, StageCost cost) {
    return new CostModel(Collections.nCopies(numStages, cost));
  }

  StageCost of(int stage) {
    return stages.get(stage);
  }
}
