package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.spark.interop.TaskProfile;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;
import org.jspecify.annotations.Nullable;

/**
 * What each rank takes of its executor: what rankCpus and rankGpus say, else what all tasks take.
 */
public final class RankProfile {
  private static final String EXECUTOR_GPUS = "spark.executor.resource.gpu.amount";

  private RankProfile() {}

  static TaskProfile of(TrainerParams<?> params, SparkContext spark) {
    return of(
        params.<Integer>valueIfAny(TrainerOption.RANK_CPUS).orElse(null),
        params.<Integer>valueIfAny(TrainerOption.RANK_GPUS).orElse(null),
        spark);
  }

  /**
   * Finds it.
   *
   * @param cpus rankCpus, or null
   * @param gpus rankGpus, or null
   * @throws ConfigException if the executors do not have so much, or all tasks of this cluster take
   *     the same
   */
  public static TaskProfile of(@Nullable Integer cpus, @Nullable Integer gpus, SparkContext spark) {
    TaskProfile session = TaskProfile.ofSession(spark);
    int cores = cpus == null ? session.cpus() : cpus;
    double devices = gpus == null ? session.gpus() : gpus;
    if (cores == session.cpus() && devices == session.gpus()) {
      return session;
    }
    if (gpus != null && gpus > 0 && !spark.isLocal() && !spark.conf().contains(EXECUTOR_GPUS)) {
      throw new ConfigException(
          "rankGpus is %s, but the executors have no GPUs. Start the application with %s=%s."
              .formatted(gpus, EXECUTOR_GPUS, gpus));
    }
    try {
      return session.with(cores, devices);
    } catch (UnsupportedOperationException e) {
      throw new ConfigException(
          "%s cannot give the ranks other resources than all tasks have (%s): %s The same for all tasks is %s."
              .formatted(spark.master(), session, e.getMessage(), settings(cpus, gpus, spark)),
          e);
    }
  }

  private static String settings(
      @Nullable Integer cpus, @Nullable Integer gpus, SparkContext spark) {
    List<String> settings = new ArrayList<>();
    if (cpus != null) {
      settings.add("spark.task.cpus=" + cpus);
    }
    if (gpus != null) {
      settings.add(
          spark.isLocal()
              ? "device=cuda, by which rank N takes GPU N"
              : "spark.task.resource.gpu.amount=" + gpus);
    }
    return String.join(" and ", settings);
  }
}
