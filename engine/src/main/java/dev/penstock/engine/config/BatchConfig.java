package dev.penstock.engine.config;

import java.io.Serializable;

/**
 * Batch arithmetic of one optimizer step.
 *
 * @param globalBatchSize rows of one optimizer step, over all replicas
 * @param microbatchSize rows of one microbatch (the reference's {@code pp_microbatch_size})
 * @param seqLength tokens of one row
 */
public record BatchConfig(int globalBatchSize, int microbatchSize, int seqLength)
    implements Serializable {
  public BatchConfig {
    ConfigException.check(
        microbatchSize >= 1, "ppMicrobatchSize must be at least 1, but is %d.", microbatchSize);
    ConfigException.check(
        globalBatchSize >= 1, "globalBatchSize must be at least 1, but is %d.", globalBatchSize);
    ConfigException.check(
        seqLength >= 2,
        "seqLength must be at least 2 (a token and its successor), but is %d.",
        seqLength);
  }

  /** Rows of one step on one replica. */
  public int localBatchSize(ParallelConfig parallel) {
    ConfigException.check(
        globalBatchSize % parallel.dpSize() == 0,
        "globalBatchSize (%d) must be divisible by dpSize (%d). Use a globalBatchSize of %d or %d.",
        globalBatchSize,
        parallel.dpSize(),
        globalBatchSize / parallel.dpSize() * parallel.dpSize(),
        (globalBatchSize / parallel.dpSize() + 1) * parallel.dpSize());
    return globalBatchSize / parallel.dpSize();
  }

  /** Microbatches of one step on one replica. */
  public int numMicrobatches(ParallelConfig parallel) {
    int local = localBatchSize(parallel);
    ConfigException.check(
        local % microbatchSize == 0,
        "The batch of one replica (%d rows = globalBatchSize %d / dpSize %d) must be divisible by "
            + "ppMicrobatchSize (%d). Use a globalBatchSize that is a multiple of %d.",
        local,
        globalBatchSize,
        parallel.dpSize(),
        microbatchSize,
        microbatchSize * parallel.dpSize());
    return local / microbatchSize;
  }
}
