package dev.penstock.engine.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PhaseClockTest {
  private final PhaseClock clock = new PhaseClock();

  @Test
  void phasesAddUpToTheWhole() {
    long outerBegin = System.nanoTime();
    clock.begin("first");
    long innerBegin = System.nanoTime();
    clock.begin("second");
    clock.begin("first");
    long innerEnd = System.nanoTime();
    Map<String, Double> seconds = clock.stop();
    long outerEnd = System.nanoTime();

    assertThat(seconds.keySet()).containsExactly("first", "second");
    assertThat(1e9 * (seconds.get("first") + seconds.get("second")))
        .isBetween(innerEnd - innerBegin - 1.0, outerEnd - outerBegin + 1.0);
  }

  @Test
  void timeOutsideOfPhasesCountsForNone() {
    assertThat(clock.stop()).isEmpty();
    clock.begin("only");
    Map<String, Double> seconds = clock.stop();
    assertThat(clock.stop()).isEqualTo(seconds);
  }
}
