package dev.penstock.engine.train;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.runtime.TimelineRecorder;
import dev.penstock.engine.schedule.TimelineSpan;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tells how a rank fares, every few seconds. The first rank says when, beside the sums of a step,
 * so that all tell of the same step. Used by the rank's thread.
 */
final class RankWatch {
  private static final Duration INTERVAL = Duration.ofSeconds(5);

  /** They travel with every heartbeat, and nobody could see more. */
  private static final int MAX_SPANS = 1000;

  private final ProcessGrid grid;
  private final int rank;
  private final TimelineRecorder recorder;
  private final @Nullable TrainingListener listener;
  private long lastNanos = System.nanoTime() - INTERVAL.toNanos();

  /**
   * @param listener hears the first replica; elsewhere it is not called
   */
  RankWatch(ProcessGrid grid, int rank, TimelineRecorder recorder, TrainingListener listener) {
    this.grid = grid;
    this.rank = rank;
    this.recorder = recorder;
    this.listener = grid.dpRank(rank) == 0 ? listener : null;
  }

  /** Whether it is time to tell, as the first rank sees it. */
  boolean isDue() {
    return rank == 0 && System.nanoTime() - lastNanos >= INTERVAL.toNanos();
  }

  /**
   * Tells of a step that is taken.
   *
   * @param peakBytes of each rank's process
   */
  void tell(long step, List<Long> peakBytes) {
    lastNanos = System.nanoTime();
    if (listener == null) {
      return;
    }
    int ppRank = grid.ppRank(rank);
    long peak =
        grid.all().stream()
            .filter(other -> grid.ppRank(other) == ppRank)
            .mapToLong(peakBytes::get)
            .max()
            .orElse(0);
    List<TimelineSpan> spans = recorder.lastPass();
    listener.onSnapshot(
        new RankSnapshot(
            step, ppRank, grid.ppSize(), peak, spans.size() > MAX_SPANS ? List.of() : spans));
  }
}
