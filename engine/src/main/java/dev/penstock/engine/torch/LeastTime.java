package dev.penstock.engine.torch;

import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;

/** How long a computation takes on a machine that does nothing else: the least of several runs. */
final class LeastTime {
  private LeastTime() {}

  /** Seconds of the fastest of so many runs, each in a PointerScope of its own; more than 0. */
  static double seconds(int runs, Runnable computation) {
    return LongStream.range(0, runs).map(run -> nanos(computation)).min().orElseThrow() / 1e9;
  }

  private static long nanos(Runnable computation) {
    long begin = System.nanoTime();
    try (PointerScope scope = new PointerScope()) {
      computation.run();
    }
    return Math.max(1, System.nanoTime() - begin);
  }
}
