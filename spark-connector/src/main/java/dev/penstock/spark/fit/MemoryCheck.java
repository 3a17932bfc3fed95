package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.plan.MemoryEstimate;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.SparkConf;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the memory that ranks on CPUs are expected to take beside the Java heap against what YARN
 * or Kubernetes grants an executor, which kills one that takes more in the middle of a run.
 *
 * @param parallel how many ranks there are
 * @param conf Spark's settings
 */
record MemoryCheck(ParallelConfig parallel, SparkConf conf) {
  private static final Logger log = LoggerFactory.getLogger(MemoryCheck.class);

  /** How to try it all the same. */
  static final String OVERRIDE =
      " If the estimate is wrong, set memoryCheck to warn to try it all the same.";

  /** What libtorch and its allocator take of a process, measured. */
  private static final long NATIVE_MB = 300;

  private static final double FACTOR = 0.1;
  private static final int MIN_OVERHEAD_MB = 384;
  private static final String OVERHEAD = "spark.executor.memoryOverhead";

  /**
   * Warns, or refuses what cannot be.
   *
   * @param ranks what each pipeline rank is expected to take
   * @param lenient whether it only warns
   * @throws ConfigException if not even all of the executor's memory would do
   */
  void check(List<MemoryEstimate> ranks, boolean lenient) {
    String master = conf.get("spark.master", "");
    if (!master.startsWith("yarn") && !master.startsWith("k8s")) {
      return; // what an executor may take is known to its cluster manager alone
    }
    String problem = problem(ranks);
    if (problem == null) {
      return;
    }
    if (needMegabytes(ranks) > heapMegabytes() + overheadMegabytes() && !lenient) {
      throw new ConfigException(problem + OVERRIDE);
    }
    log.warn("{}", problem);
  }

  /** What is wrong, or null. */
  @Nullable String problem(List<MemoryEstimate> ranks) {
    long need = needMegabytes(ranks);
    long overhead = overheadMegabytes();
    if (need <= overhead) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        ("An executor's ranks (up to %d) are expected to take %d MB beside the Java heap, but %s"
            + " leaves %d MB, and the cluster kills an executor that takes more. Set"
            + " spark.executor.memoryOverhead=%dm, or use a larger ppSize, smaller microbatches or"
            + " recompute."),
        ranksOfExecutor(),
        need,
        conf.contains(OVERHEAD) ? OVERHEAD : "the default of " + OVERHEAD,
        overhead,
        need + need / 10);
  }

  private long needMegabytes(List<MemoryEstimate> ranks) {
    return megabytes(ranks, parallel.dpSize(), ranksOfExecutor(), 1);
  }

  /**
   * What ranks take beside the Java heaps, if the largest ones meet.
   *
   * @param ranks one of each pipeline rank
   * @param replicas how many there are of each
   * @param together how many meet
   * @param processes in how many processes
   */
  static long megabytes(List<MemoryEstimate> ranks, int replicas, int together, int processes) {
    long bytes =
        ranks.stream()
            .flatMap(rank -> Collections.nCopies(replicas, rank.totalBytes()).stream())
            .sorted(Comparator.reverseOrder())
            .limit(together)
            .mapToLong(Long::longValue)
            .sum();
    return NATIVE_MB * processes + (bytes >> 20);
  }

  private int ranksOfExecutor() {
    int slots =
        conf.getInt("spark.executor.cores", 1) / Math.max(1, conf.getInt("spark.task.cpus", 1));
    return Math.max(1, Math.min(parallel.worldSize(), slots));
  }

  private long heapMegabytes() {
    return conf.getSizeAsMb("spark.executor.memory", "1g");
  }

  private long overheadMegabytes() {
    if (conf.contains(OVERHEAD)) {
      return conf.getSizeAsMb(OVERHEAD);
    }
    double factor =
        Stream.of("spark.executor.memoryOverheadFactor", "spark.kubernetes.memoryOverheadFactor")
            .filter(conf::contains)
            .findFirst()
            .map(key -> conf.getDouble(key, FACTOR))
            .orElse(FACTOR);
    long least = conf.getSizeAsMb("spark.executor.minMemoryOverhead", MIN_OVERHEAD_MB + "m");
    return Math.max((long) (factor * heapMegabytes()), least);
  }
}
