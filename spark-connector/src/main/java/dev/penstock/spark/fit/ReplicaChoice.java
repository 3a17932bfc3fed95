package dev.penstock.spark.fit;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.spark.params.TrainerOption;
import dev.penstock.spark.params.TrainerParams;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * With how many replicas an attempt runs: dpSize, or where task slots are missing fewer, down to
 * minDpSize. Fewer replicas sum the gradients of more pipeline steps, each of as many rows as
 * before: so the global batch stays, and the plan of a pipeline and what its ranks hold do too.
 *
 * @param config the run with all its replicas
 * @param minDpSize fewest replicas
 */
record ReplicaChoice(TrainingConfig config, int minDpSize) {
  /**
   * @throws ConfigException if minDpSize is greater than dpSize
   */
  static ReplicaChoice of(TrainerParams<?> params, TrainingConfig config) {
    int dpSize = config.parallel().dpSize();
    int least = params.<Integer>valueIfAny(TrainerOption.MIN_DP_SIZE).orElse(dpSize);
    if (least > dpSize) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "minDpSize (%d) must be at most dpSize (%d), the replicas that there are when no slots"
                  + " are missing.",
              least,
              dpSize));
    }
    return new ReplicaChoice(config, least);
  }

  /** The run with as few replicas as it may have. */
  private TrainingConfig fewest() {
    return config.withReplicas(
        IntStream.rangeClosed(minDpSize, config.parallel().dpSize())
            .filter(this::isPossible)
            .findFirst()
            .orElseThrow());
  }

  /**
   * The run with most and with fewest replicas: the former has most ranks, and in the latter each
   * has most of what replicas share out.
   */
  List<TrainingConfig> extremes() {
    return Stream.of(config, fewest()).distinct().toList();
  }

  /** Task slots without which there is no attempt. */
  int leastRanks() {
    return fewest().parallel().worldSize();
  }

  /**
   * The run with as many replicas as so many task slots hold.
   *
   * @param slots at least {@link #leastRanks}
   */
  TrainingConfig fitting(int slots) {
    int most = Math.min(config.parallel().dpSize(), slots / config.parallel().ppSize());
    int dpSize = most;
    while (!isPossible(dpSize)) {
      dpSize--;
    }
    return config.withReplicas(dpSize);
  }

  /** Whether so many replicas can do the global batch in rounds of as many rows as before. */
  private boolean isPossible(int dpSize) {
    int rows = config.batch().localBatchSize(config.parallel());
    return config.batch().globalBatchSize() % (rows * dpSize) == 0;
  }
}
