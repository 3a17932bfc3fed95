package dev.penstock.spark.fit;

import dev.penstock.engine.train.CheckpointSummary;
import dev.penstock.engine.train.RankResult;
import java.io.Serializable;
import java.util.List;

/**
 * How often a fit began, and what checkpoints cost it.
 *
 * @param attempts how many there were
 * @param resumedAtStep the step that the first of them went on from; 0: it began anew
 * @param stepsDoneAgain steps that later attempts had to take once more
 * @param stillSeconds how long training stood still for checkpoints in the last attempt, on the
 *     rank that did longest
 * @param problems what ended the attempts before, and what went wrong with checkpoints
 */
public record AttemptStory(
    int attempts,
    long resumedAtStep,
    long stepsDoneAgain,
    double stillSeconds,
    List<String> problems)
    implements Serializable {
  public AttemptStory {
    problems = List.copyOf(problems);
  }

  /** Nothing to tell. */
  static final AttemptStory NONE = new AttemptStory(0, 0, 0, 0, List.of());

  static double stillSeconds(List<RankResult> ranks) {
    return ranks.stream()
        .map(RankResult::checkpoints)
        .mapToDouble(CheckpointSummary::stillSeconds)
        .max()
        .orElse(0);
  }
}
