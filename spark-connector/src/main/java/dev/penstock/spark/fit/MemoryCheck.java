package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.ParallelConfig;
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
 * @param cpus cores that each takes of its executor
 * @param conf Spark's settings
 */
record MemoryCheck(ParallelConfig parallel, int cpus, SparkConf conf) {
  private static final Logger log = LoggerFactory.getLogger(MemoryCheck.class);

  /** How to try it all the same. */
  static final String OVERRIDE =
      " If that is wrong, set memoryCheck to warn to try it all the same.";

  private static final double FACTOR = 0.1;
  private static final int MIN_OVERHEAD_MB = 384;
  private static final String OVERHEAD = "spark.executor.memoryOverhead";

  /**
   * Warns, or refuses what cannot be.
   *
   * @param lenient whether it only warns
   * @throws ConfigException if not even all of the executor's memory would do, or if it is the user
   *     who says what the ranks take
   */
  void check(RankMemory ranks, boolean lenient) {
    String master = conf.get("spark.master", "");
    if (!master.startsWith("yarn") && !master.startsWith("k8s")) {
      return; // what an executor may take is known to its cluster manager alone
    }
    String problem = problem(ranks);
    if (problem == null) {
      return;
    }
    boolean impossible =
        ranks.stated() || needMegabytes(ranks) > heapMegabytes() + overheadMegabytes();
    if (impossible && !lenient) {
      throw new ConfigException(problem + OVERRIDE);
    }
    log.warn("{}", problem);
  }

  /** What is wrong, or null. */
  @Nullable String problem(RankMemory ranks) {
    long need = needMegabytes(ranks);
    long overhead = overheadMegabytes();
    if (need <= overhead) {
      return null;
    }
    return String.format(
        Locale.ROOT,
        ("An executor's ranks (up to %d) %s %d MB beside the Java heap, but %s"
            + " leaves %d MB, and the cluster kills an executor that takes more. Set"
            + " spark.executor.memoryOverhead=%dm, or use a larger ppSize, smaller microbatches or"
            + " recompute."),
        ranksOfExecutor(),
        ranks.stated() ? "take" : "are expected to take",
        need,
        conf.contains(OVERHEAD) ? OVERHEAD : "the default of " + OVERHEAD,
        overhead,
        ranks.stated() ? need : need + need / 10);
  }

  private long needMegabytes(RankMemory ranks) {
    return ranks.megabytes(parallel.dpSize(), ranksOfExecutor(), 1);
  }

  private int ranksOfExecutor() {
    int slots = conf.getInt("spark.executor.cores", 1) / cpus;
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
