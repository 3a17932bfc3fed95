package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.plan.MemoryEstimate;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * What ranks on CPUs take beside the Java heap.
 *
 * @param bytes of each pipeline rank
 * @param perProcess megabytes that the first rank of a process takes beside that
 * @param stated whether the user says so; else it is an estimate
 */
record RankMemory(List<Long> bytes, long perProcess, boolean stated) {
  /** What libtorch and its allocator take of a process, measured. */
  private static final long NATIVE_MB = 300;

  private static final String NAME = "rankMemoryOverhead";

  /** As it is expected. */
  static RankMemory expected(List<MemoryEstimate> ranks) {
    return new RankMemory(
        ranks.stream().map(MemoryEstimate::totalBytes).toList(), NATIVE_MB, false);
  }

  /**
   * What rankMemoryOverhead says, if it is set, in place of what is expected.
   *
   * @throws ConfigException if it is no amount of memory
   */
  static RankMemory of(TrainerParams<?> params, List<MemoryEstimate> ranks) {
    Optional<String> overhead = params.valueIfAny(TrainerOption.RANK_MEMORY_OVERHEAD);
    if (overhead.isEmpty()) {
      return expected(ranks);
    }
    try {
      long megabytes = new SparkConf(false).set(NAME, overhead.get()).getSizeAsMb(NAME);
      return new RankMemory(Collections.nCopies(ranks.size(), megabytes << 20), 0, true);
    } catch (NumberFormatException e) {
      throw new ConfigException(
          "rankMemoryOverhead is '%.100s', which is no amount of memory. Write it as Spark does: 6g, or 6144 for as many MiB."
              .formatted(overhead.get()),
          e);
    }
  }

  /**
   * What ranks take together, in megabytes, if the largest ones meet.
   *
   * @param replicas how many there are of each pipeline rank
   * @param together how many meet
   * @param processes in how many processes
   */
  long megabytes(int replicas, int together, int processes) {
    long sum =
        bytes.stream()
            .flatMap(rank -> Collections.nCopies(replicas, rank).stream())
            .sorted(Comparator.reverseOrder())
            .limit(together)
            .mapToLong(Long::longValue)
            .sum();
    return perProcess * processes + (sum >> 20);
  }
}
