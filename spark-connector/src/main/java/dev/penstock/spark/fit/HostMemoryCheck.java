package dev.penstock.spark.fit;

import static java.util.stream.Collectors.groupingBy;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the memory that ranks on CPUs are expected to take against that of the hosts that they may
 * run on. A standalone worker grants an executor its Java heap and knows of nothing else, so what
 * is too much shows only when the kernel kills a process.
 *
 * @param parallel how many ranks there are
 * @param slots how many ranks all executors can hold
 * @param heapBytes Java heap of an executor
 */
record HostMemoryCheck(ParallelConfig parallel, int slots, long heapBytes) {
  private static final Logger log = LoggerFactory.getLogger(HostMemoryCheck.class);

  static HostMemoryCheck of(SparkContext context, ParallelConfig parallel, int slots) {
    long heap =
        context.isLocal()
            ? Runtime.getRuntime().maxMemory()
            : context.conf().getSizeAsBytes("spark.executor.memory", "1g");
    return new HostMemoryCheck(parallel, slots, heap);
  }

  /**
   * Warns, or refuses what cannot be.
   *
   * @param executors those there are
   * @param lenient whether it only warns
   * @throws ConfigException if a host has less memory than its ranks take without any heap
   */
  void check(RankMemory ranks, List<HostMemory> executors, boolean lenient) {
    for (List<HostMemory> host :
        executors.stream().collect(groupingBy(HostMemory::host)).values()) {
      String problem = problem(ranks, host, executors.size());
      if (problem == null) {
        continue;
      }
      if (needMegabytes(ranks, host, executors.size()) > host.get(0).bytes() >> 20 && !lenient) {
        throw new ConfigException(problem + MemoryCheck.OVERRIDE);
      }
      log.warn("{}", problem);
    }
  }

  /**
   * What is wrong, or null.
   *
   * @param host the executors of one host
   * @param executors how many there are in all
   */
  private @Nullable String problem(RankMemory ranks, List<HostMemory> host, int executors) {
    long need = needMegabytes(ranks, host, executors);
    long heaps = host.size() * (heapBytes >> 20);
    long there = host.get(0).bytes() >> 20;
    if (need + heaps <= there) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        ("Host %s has %d MB of memory, but the ranks that may run there (up to %d) %s %d MB beside the Java heaps (up to %d MB). The kernel kills a process when it"
            + " runs out. Spread the ranks over more hosts, use a larger ppSize, smaller"
            + " microbatches or recompute, or lower spark.executor.memory."),
        host.get(0).host(),
        there,
        ranksOf(host, executors),
        ranks.stated() ? "take" : "are expected to take",
        need,
        heaps);
  }

  private int ranksOf(List<HostMemory> host, int executors) {
    int slotsOfExecutor = (slots + executors - 1) / executors;
    return Math.min(parallel.worldSize(), host.size() * slotsOfExecutor);
  }

  private long needMegabytes(RankMemory ranks, List<HostMemory> host, int executors) {
    int together = ranksOf(host, executors);
    return ranks.megabytes(parallel.dpSize(), together, Math.min(host.size(), together));
  }
}
