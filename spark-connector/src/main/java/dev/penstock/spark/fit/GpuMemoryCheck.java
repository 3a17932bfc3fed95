package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.plan.MemoryEstimate;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds what a rank is expected to keep on its GPU against the GPUs of the executors' hosts.
 *
 * @param ranks what each pipeline rank is expected to take
 */
record GpuMemoryCheck(List<MemoryEstimate> ranks) {
  private static final Logger log = LoggerFactory.getLogger(GpuMemoryCheck.class);

  /** What CUDA, its libraries and NCCL take of a GPU for a process, about. */
  private static final long CONTEXT_BYTES = 1L << 30;

  /**
   * Warns where some hosts' GPUs are too small, or refuses what fits on none.
   *
   * @param executors those there are; hosts whose GPUs are not known are left out
   * @param lenient whether it only warns
   * @throws ConfigException if a rank takes more than the largest of the hosts' smallest GPUs has
   */
  void check(List<HostMemory> executors, boolean lenient) {
    MemoryEstimate fullest =
        ranks.stream().max(Comparator.comparingLong(MemoryEstimate::deviceBytes)).orElseThrow();
    long need = fullest.deviceBytes() + CONTEXT_BYTES;
    List<HostMemory> known =
        executors.stream()
            .filter(executor -> executor.gpuBytes() > 0)
            .sorted(Comparator.comparingLong(HostMemory::gpuBytes))
            .toList();
    if (known.isEmpty() || need <= known.get(0).gpuBytes()) {
      return;
    }
    HostMemory smallest = known.get(0);
    String problem =
        String.format(
            Locale.ROOT,
            "Pipeline rank %d is expected to take %d MB of its GPU, but a GPU of host %s has %d MB. Use a larger ppSize, smaller microbatches, recompute, or shardOptimizerState with a larger dpSize.",
            fullest.ppRank(),
            need >> 20,
            smallest.host(),
            smallest.gpuBytes() >> 20);
    if (need > known.get(known.size() - 1).gpuBytes() && !lenient) {
      throw new ConfigException(problem + MemoryCheck.OVERRIDE);
    }
    log.warn("{}", problem);
  }
}
