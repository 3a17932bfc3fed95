package dev.penstock.engine.runtime;

import dev.penstock.engine.schedule.Action;
import dev.penstock.engine.schedule.ActionType;
import dev.penstock.engine.schedule.TimelineSpan;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps when a rank did what: the measured half of a timeline. Times are milliseconds of the wall
 * clock, so that ranks of one host can be put beside each other. Used by the rank's thread.
 */
public final class TimelineRecorder implements ActionObserver {
  private final int ppRank;
  private final double originMillis;
  private final List<TimelineSpan> spans = new ArrayList<>();
  private boolean recording;

  /** Makes a recorder that is off. */
  public TimelineRecorder(int ppRank) {
    this.ppRank = ppRank;
    originMillis = System.currentTimeMillis() - System.nanoTime() / 1e6;
  }

  /** Turns recording on or off. */
  public void record(boolean on) {
    recording = on;
  }

  @Override
  public void onAction(Action action, long beginNanos, long endNanos) {
    // The parts of an overlap are heard of by themselves.
    if (recording && action.type() != ActionType.OVERLAP_F_B) {
      spans.add(
          new TimelineSpan(
              ppRank, action, originMillis + beginNanos / 1e6, originMillis + endNanos / 1e6));
    }
  }

  /** What was recorded, in order. */
  public List<TimelineSpan> spans() {
    return List.copyOf(spans);
  }
}
