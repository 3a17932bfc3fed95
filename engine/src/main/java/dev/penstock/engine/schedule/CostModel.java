package dev.penstock.engine.schedule;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The cost of every stage of a pipeline, or of every action.
 *
 * @param stages the cost of stage {@code i} at index {@code i}
 * @param actions the cost of an F, I, W or B that does not cost what its stage says
 */
public record CostModel(List<StageCost> stages, Map<Action, Double> actions) {
  public CostModel {
    stages = List.copyOf(stages);
    actions = Map.copyOf(actions);
  }

  /** Every microbatch at the cost of its stage. */
  public CostModel(List<StageCost> stages) {
    this(stages, Map.of());
  }

  /** Every stage at {@link StageCost#UNIT}. */
  public static CostModel unit(int numStages) {
    return uniform(numStages, StageCost.UNIT);
  }

  /** Every stage at the same cost. */
  public static CostModel uniform(int numStages, StageCost cost) {
    return new CostModel(Collections.nCopies(numStages, cost));
  }

  /**
   * What the actions of a real step took, communication free. The simulation of the lowered
   * schedule then tells how long the step had to take; what it took beyond that went into moving
   * tensors and running the schedule.
   *
   * @param spans actions of all ranks; of one that was recorded several times the mean counts
   */
  public static CostModel measured(int numStages, List<TimelineSpan> spans) {
    Map<Action, Double> actions =
        spans.stream()
            .filter(span -> span.action().type().isCompute())
            .collect(
                Collectors.groupingBy(
                    TimelineSpan::action,
                    Collectors.averagingDouble(span -> span.end() - span.begin())));
    return new CostModel(Collections.nCopies(numStages, StageCost.FREE), actions);
  }

  StageCost of(int stage) {
    return stages.get(stage);
  }

  /** The time that an F, I, W or B keeps its rank busy. */
  double of(Action leaf) {
    Double own = actions.get(leaf);
    return own == null ? of(leaf.stage()).of(leaf.type()) : own;
  }
}
