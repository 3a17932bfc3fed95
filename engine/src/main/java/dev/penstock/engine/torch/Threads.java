package dev.penstock.engine.torch;

import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How many cores the native libraries use.
 *
 * <p>torch's OpenMP threads and OpenBLAS's own threads are two pools that spin against each other:
 * with the defaults on two cores a training step takes four times as long. So the pool that
 * multiplies gets all the cores, and the other one thread: OpenBLAS multiplies float32, and oneDNN,
 * on torch's threads, bfloat16.
 */
public final class Threads {
  private static final boolean MKL =
      System.getProperty("org.bytedeco.openblas.load", "").contains("mkl");

  private static volatile int forProducts = 1;

  private Threads() {}

  /** As below, for products in float32. */
  public static void configure(int threads) {
    configure(threads, ScalarType.Float);
  }

  /**
   * Sets the threads of the calling thread's operators (torch) and of the process (BLAS). Call it
   * on the thread of each rank.
   *
   * @param threads cores that one matrix multiplication of this process may use
   * @param products dtype of most of them
   */
  public static void configure(int threads, ScalarType products) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, but is " + threads);
    }
    NativeLibraries.load(torch.class, openblas.class);
    forProducts = threads;
    if (MKL) {
      torch.set_num_threads(threads);
    } else {
      boolean byTorch = products == ScalarType.BFloat16;
      torch.set_num_threads(byTorch ? threads : 1);
      openblas.blas_set_num_threads(byTorch ? 1 : threads);
    }
  }

  /** Cores that one matrix product of this process may use. */
  public static int forProducts() {
    return forProducts;
  }
}
