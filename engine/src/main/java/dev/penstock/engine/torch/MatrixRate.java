package dev.penstock.engine.torch;

import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** How fast this machine multiplies matrices, in half a second. */
public final class MatrixRate {
  private static final long WIDTH = 1024;
  private static final long MOST_TOKENS = 2048;
  private static final int RUNS = 8;

  private MatrixRate() {}

  /**
   * Operations a second in float32: the best of some products of a microbatch with a weight.
   *
   * @param threads cores
   * @param tokens of a microbatch
   * @throws UnsatisfiedLinkError if the natives of this platform are not on the class path
   */
  public static double float32Flops(int threads, long tokens) {
    Threads.configure(threads);
    long rows = Math.max(1, Math.min(tokens, MOST_TOKENS));
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor input = torch.randn(new long[] {rows, WIDTH});
      Tensor weight = torch.randn(new long[] {WIDTH, WIDTH});
      Tensor output = torch.zeros(new long[] {rows, WIDTH});
      long least =
          LongStream.range(0, RUNS).map(run -> nanos(output, input, weight)).min().orElseThrow();
      return 2.0 * rows * WIDTH * WIDTH / (least / 1e9);
    }
  }

  private static long nanos(Tensor output, Tensor input, Tensor weight) {
    long begin = System.nanoTime();
    try (PointerScope scope = new PointerScope()) {
      torch.mm_out(output, input, weight.t());
    }
    return Math.max(1, System.nanoTime() - begin);
  }
}
