package dev.penstock.engine.schedule;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A schedule as data: for each pipeline rank the actions it runs, in order.
 *
 * <p>Generators make compute orders (F, I, W, B, OVERLAP_F_B only); lowering adds communication and
 * gradient reduction. Idle slots are not kept. Immutable.
 *
 * @param name the schedule's display name, e.g. {@code Interleaved1F1B}
 * @param placement the rank of each stage
 * @param numMicrobatches microbatches of one pipeline step
 * @param ranks the actions of rank {@code r} at index {@code r}
 */
public record PipelineSchedule(
    String name, StagePlacement placement, int numMicrobatches, List<List<Action>> ranks) {
  public PipelineSchedule {
    requireNonNull(name, "name is null");
    requireNonNull(placement, "placement is null");
    ranks = ranks.stream().map(List::copyOf).toList();
  }

  public int ppSize() {
    return ranks.size();
  }

  public int numStages() {
    return placement.numStages();
  }

  /** Whether it has more than compute actions, and so has been lowered. */
  public boolean isLowered() {
    return ranks.stream().flatMap(List::stream).anyMatch(action -> !action.type().isCompute());
  }

  /** The same schedule with other actions, as a lowering pass returns it. */
  public PipelineSchedule withRanks(List<List<Action>> newRanks) {
    return new PipelineSchedule(name, placement, numMicrobatches, newRanks);
  }
}
