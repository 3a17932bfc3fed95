package dev.penstock.engine.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How fast one core reads and writes memory, in a tenth of a second. */
public final class MemoryRate {
  /** More than caches hold. */
  private static final long NUMBERS = 1 << 24;

  private static final int RUNS = 5;

  /** Both are read, and one is written. */
  private static final int PASSES = 3;

  private MemoryRate() {}

  /**
   * Bytes a second: the best of some sums of two vectors.
   *
   * @throws UnsatisfiedLinkError if the natives of this platform are not on the class path
   */
  public static double bytesPerSecond() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor sum = torch.ones(NUMBERS);
      Tensor other = torch.ones(NUMBERS);
      double seconds = LeastTime.seconds(RUNS, () -> sum.add_(other));
      return PASSES * NUMBERS * Float.BYTES / seconds;
    }
  }
}
