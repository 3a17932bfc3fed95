package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.Precision;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the precision of ranks on CPUs against the processors of the hosts that they may run on.
 *
 * @param precision of the run
 */
record ProcessorCheck(Precision precision) {
  private static final Logger log = LoggerFactory.getLogger(ProcessorCheck.class);

  /**
   * Warns where some hosts would refuse their ranks, or refuses for all.
   *
   * @throws ConfigException if bfloat16 is slower than float32 on every host
   */
  void check(List<HostMemory> executors) {
    if (precision == Precision.FLOAT32) {
      return;
    }
    List<HostMemory> slow =
        executors.stream().filter(host -> !host.processor().multipliesBfloat16()).toList();
    if (slow.isEmpty()) {
      return;
    }
    String problem =
        "precision is bfloat16, but on host %s %s"
            .formatted(slow.get(0).host(), slow.get(0).processor().whyNotBfloat16());
    if (slow.size() == executors.size()) {
      throw new ConfigException(problem);
    }
    log.warn("{} Ranks that Spark puts there will fail.", problem);
  }
}
