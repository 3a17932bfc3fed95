package dev.penstock.engine.torch;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Generator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Lets code draw from torch's global generator, which is all that a TorchScript module can draw
 * from, as if it were alone and had seeded it. Ranks that are threads of one JVM share that
 * generator, so they take turns.
 */
public final class SeededRandom {
  private static final ReentrantLock GLOBAL_GENERATOR = new ReentrantLock();

  private SeededRandom() {}

  /** Runs the body on a fresh stream of numbers; the global stream then goes on as it was. */
  public static <T> T call(long seed, Supplier<T> body) {
    GLOBAL_GENERATOR.lock();
    try (Generator global = torch.getDefaultCPUGenerator();
        Tensor before = global.get_state()) {
      // Seeds the generators of all devices.
      torch.manual_seed(seed);
      try {
        return body.get();
      } finally {
        global.set_state(before);
      }
    } finally {
      GLOBAL_GENERATOR.unlock();
    }
  }
}
