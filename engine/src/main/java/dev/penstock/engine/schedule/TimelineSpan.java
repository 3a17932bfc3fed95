package dev.penstock.engine.schedule;

import static java.util.Objects.requireNonNull;

import java.io.Serializable;

/**
 * One action as it was, or will be, run.
 *
 * @param rank the pipeline rank
 * @param action what it did
 * @param begin when it began, in the timeline's unit
 * @param end when it ended
 */
public record TimelineSpan(int rank, Action action, double begin, double end)
    implements Serializable {
  public TimelineSpan {
    requireNonNull(action, "action is null");
    if (!(end >= begin)) {
      throw new IllegalArgumentException(
          action + " on rank " + rank + " ends at " + end + ", before it begins at " + begin);
    }
  }
}
