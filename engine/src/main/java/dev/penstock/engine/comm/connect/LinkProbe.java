package dev.penstock.engine.comm.connect;

import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import java.io.Serializable;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * How fast tensors come from one rank to the next, all ranks at once in a ring.
 *
 * @param bytesPerSecond of large tensors, the best of some
 * @param latencySeconds of small ones, one way, the best of some
 * @param clockMillis this host's clock when all ranks left a barrier, within a latency or so
 */
public record LinkProbe(double bytesPerSecond, double latencySeconds, long clockMillis)
    implements Serializable {
  private static final long LARGE = 4 << 20;
  private static final int LARGE_ROUNDS = 4;
  private static final int SMALL_ROUNDS = 50;

  /**
   * Measures; all ranks must call it, from their threads.
   *
   * @param transport of tensors on CPUs, with two ranks or more
   */
  public static LinkProbe measure(Transport transport) {
    double large = best(transport, LARGE, LARGE_ROUNDS);
    double small = best(transport, 1, SMALL_ROUNDS);
    transport.barrier(IntStream.range(0, transport.size()).boxed().toList());
    return new LinkProbe(LARGE * Float.BYTES / large, small, System.currentTimeMillis());
  }

  /** Seconds of a round in which each rank sends to the next and hears from the one before. */
  private static double best(Transport transport, long elements, int rounds) {
    int size = transport.size();
    int next = (transport.rank() + 1) % size;
    int previous = (transport.rank() + size - 1) % size;
    TensorSpec spec = TensorSpec.of(ScalarType.Float, elements);
    try (PointerScope scope = new PointerScope()) {
      Tensor tensor = torch.zeros(new long[] {elements});
      transport.barrier(IntStream.range(0, size).boxed().toList());
      return IntStream.range(0, rounds)
          .mapToDouble(
              round -> {
                long begin = System.nanoTime();
                PendingSend sent = transport.send(tensor, next, round);
                transport.receive(spec, previous, round).await().close();
                sent.await();
                return (System.nanoTime() - begin) / 1e9;
              })
          .min()
          .orElseThrow();
    }
  }
}
