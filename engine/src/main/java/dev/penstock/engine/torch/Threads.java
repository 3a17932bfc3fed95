package dev.penstock.engine.torch;

import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.global.torch;

/**
 * How many cores the native libraries use.
 *
 * <p>torch's OpenMP threads and OpenBLAS's own threads are two pools that spin against each other:
 * with the defaults on two cores a training step takes four times as long. So torch gets one thread
 * and OpenBLAS all the cores.
 */
public final class Threads {
  private static final boolean MKL =
      System.getProperty("org.bytedeco.openblas.load", "").contains("mkl");

  private static volatile int forProducts = 1;

  private Threads() {}

  /**
   * Sets the threads of the calling thread's operators (torch) and of the process (BLAS). Call it
   * on the thread of each rank.
   *
   * @param threads cores that one matrix multiplication of this process may use
   */
  public static void configure(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads must be at least 1, but is " + threads);
    }
    NativeLibraries.load(torch.class, openblas.class);
    forProducts = threads;
    if (MKL) {
      torch.set_num_threads(threads);
    } else {
      torch.set_num_threads(1);
      openblas.blas_set_num_threads(threads);
    }
  }

  /** Cores that one matrix product of this process may use. */
  static int forProducts() {
    return forProducts;
  }
}
