package dev.penstock.spark.cli;

import dev.penstock.spark.fit.RankProfile;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.params.TrainerOption;
import java.util.Map;
import org.apache.spark.SparkContext;

/** How many replicas {@code dp_size: none} means. */
final class ReplicaCount {
  private ReplicaCount() {}

  /** As many as there are task slots for now, and as share out the global batch evenly. */
  static int of(SparkContext spark, Map<TrainerOption, Object> options) {
    int ppSize = (int) options.getOrDefault(TrainerOption.PP_SIZE, 1);
    int global =
        (int)
            options.getOrDefault(
                TrainerOption.GLOBAL_BATCH_SIZE, TrainerOption.GLOBAL_BATCH_SIZE.defaultValue());
    int local =
        (int)
            options.getOrDefault(
                TrainerOption.LOCAL_BATCH_SIZE,
                options.getOrDefault(TrainerOption.PP_MICROBATCH_SIZE, 1));
    TaskProfile profile =
        RankProfile.of(
            (Integer) options.get(TrainerOption.RANK_CPUS),
            (Integer) options.get(TrainerOption.RANK_GPUS),
            spark);
    int replicas = Math.max(1, profile.available() / ppSize);
    while (replicas > 1 && global % ((long) local * replicas) != 0) {
      replicas--;
    }
    return replicas;
  }
}
