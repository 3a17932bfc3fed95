package dev.penstock.engine.torch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

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
    return flops(ScalarType.Float, threads, tokens);
  }

  /** The same in bfloat16; mind that not every {@link Processor} multiplies it. */
  public static double bfloat16Flops(int threads, long tokens) {
    return flops(ScalarType.BFloat16, threads, tokens);
  }

  private static double flops(ScalarType dtype, int threads, long tokens) {
    Threads.configure(threads, dtype);
    long rows = Math.max(1, Math.min(tokens, MOST_TOKENS));
    try (PointerScope scope = new PointerScope();
        NoGradGuard noGrad = new NoGradGuard()) {
      Tensor input = torch.randn(new long[] {rows, WIDTH}).to(dtype);
      Tensor weight = torch.randn(new long[] {WIDTH, WIDTH}).to(dtype);
      Tensor output = torch.zeros(new long[] {rows, WIDTH}).to(dtype);
      double seconds = LeastTime.seconds(RUNS, () -> torch.mm_out(output, input, weight.t()));
      return 2.0 * rows * WIDTH * WIDTH / seconds;
    }
  }
}
