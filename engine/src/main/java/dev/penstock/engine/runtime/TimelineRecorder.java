package dev.penstock.engine.runtime;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps when a rank did what in its last steps: the measured half of a timeline. Times are
 * milliseconds of the wall clock, so that ranks of one host can be put beside each other. Used by
 * the rank's thread.
 */
public final class TimelineRecorder implements ActionObserver {
  private final int ppRank;
  private final int steps;
  private final double originMillis;
  private final Deque<List<TimelineSpan>> kept = new ArrayDeque<>();
  private boolean inStep;

  /**
   * Makes a recorder that is outside of a step.
   *
   * @param steps the last steps to keep for {@link #spans}; 0: none
   */
  public TimelineRecorder(int ppRank, int steps) {
    this.ppRank = ppRank;
    this.steps = steps;
    originMillis = System.currentTimeMillis() - System.nanoTime() / 1e6;
  }

  /** Begins a step, for which the oldest one may have to go. */
  public void beginStep() {
    if (kept.size() == Math.max(1, steps)) {
      kept.removeFirst();
    }
    kept.addLast(new ArrayList<>());
    inStep = true;
  }

  /** Ends a step: nothing is recorded until the next one. */
  public void endStep() {
    inStep = false;
  }

  @Override
  public void onAction(Action action, long beginNanos, long endNanos) {
    // The parts of an overlap are heard of by themselves.
    if (inStep && action.type() != ActionType.OVERLAP_F_B) {
      kept.getLast()
          .add(
              new TimelineSpan(
                  ppRank, action, originMillis + beginNanos / 1e6, originMillis + endNanos / 1e6));
    }
  }

  /** What was recorded of the steps that are kept, in order. */
  public List<TimelineSpan> spans() {
    return steps == 0 ? List.of() : kept.stream().flatMap(List::stream).toList();
  }

  /** The last pipeline step of the last step, which has several where gradients accumulate. */
  public List<TimelineSpan> lastPass() {
    List<TimelineSpan> spans = kept.isEmpty() ? List.of() : kept.getLast();
    Set<Action> seen = new HashSet<>();
    int begin = spans.size();
    while (begin > 0 && seen.add(spans.get(begin - 1).action())) { // no pass has an action twice
      begin--;
    }
    return List.copyOf(spans.subList(begin, spans.size()));
  }
}
