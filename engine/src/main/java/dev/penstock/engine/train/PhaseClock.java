package dev.penstock.engine.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells where the time of a thread goes: phases that follow each other without a gap. Used by one
 * thread.
 */
public final class PhaseClock {
  private final Map<String, Double> seconds = new LinkedHashMap<>();
  private @Nullable String phase;
  private long beginNanos;

  /** Ends the phase before, if there is one, and begins the next; one that came before goes on. */
  public void begin(String next) {
    stop();
    phase = next;
  }

  /**
   * Ends the last phase.
   *
   * @return seconds of each phase, in the order in which they first began
   */
  public Map<String, Double> stop() {
    long now = System.nanoTime();
    if (phase != null) {
      seconds.merge(phase, (now - beginNanos) / 1e9, Double::sum);
    }
    phase = null;
    beginNanos = now;
    return new LinkedHashMap<>(seconds);
  }
}
