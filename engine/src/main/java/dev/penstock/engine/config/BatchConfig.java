package dev.penstock.engine.config;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Batch arithmetic of one optimizer step. It is made of {@link #accumulationSteps} pipeline steps,
 * whose gradients are summed; a pipeline step runs {@link #numMicrobatches} microbatches.
 *
 * @param globalBatchSize rows of one optimizer step, over all replicas
 * @param localBatchSize rows of one pipeline step on one replica (the reference's {@code
 *     local_batch_size} and {@code pp_batch_size}); null: all of the replica's rows at once
 * @param microbatchSize rows of one microbatch (the reference's {@code pp_microbatch_size})
 * @param seqLength tokens of one row
 */
public record BatchConfig(
    int globalBatchSize, @Nullable Integer localBatchSize, int microbatchSize, int seqLength)
    implements Serializable {
  private static final int MAX_MICROBATCHES = 1 << 16;

  /** Of one pipeline step: they are held in arrays. */
  private static final int MAX_TOKENS = 1 << 28;

  public BatchConfig {
    ConfigException.check(
        microbatchSize >= 1, "ppMicrobatchSize must be at least 1, but is %d.", microbatchSize);
    ConfigException.check(
        globalBatchSize >= 1, "globalBatchSize must be at least 1, but is %d.", globalBatchSize);
    ConfigException.check(
        localBatchSize == null || localBatchSize >= 1,
        "localBatchSize must be at least 1, but is %d.",
        localBatchSize);
    ConfigException.check(
        seqLength >= 2,
        "seqLength must be at least 2 (a token and its successor), but is %d.",
        seqLength);
  }

  /** Without accumulation: one pipeline step an optimizer step. */
  public BatchConfig(int globalBatchSize, int microbatchSize, int seqLength) {
    this(globalBatchSize, null, microbatchSize, seqLength);
  }

  /** Rows of one optimizer step on one replica. */
  public int rowsPerReplica(ParallelConfig parallel) {
    ConfigException.check(
        globalBatchSize % parallel.dpSize() == 0,
        "globalBatchSize (%d) must be divisible by dpSize (%d). Use a globalBatchSize of %d or %d.",
        globalBatchSize,
        parallel.dpSize(),
        globalBatchSize / parallel.dpSize() * parallel.dpSize(),
        (globalBatchSize / parallel.dpSize() + 1L) * parallel.dpSize());
    return globalBatchSize / parallel.dpSize();
  }

  /** Rows of one pipeline step on one replica. */
  public int localBatchSize(ParallelConfig parallel) {
    return localBatchSize == null ? rowsPerReplica(parallel) : localBatchSize;
  }

  /** Pipeline steps of one optimizer step. */
  public int accumulationSteps(ParallelConfig parallel) {
    long local = localBatchSize(parallel);
    ConfigException.check(
        globalBatchSize % (local * parallel.dpSize()) == 0,
        "globalBatchSize (%d) must be divisible by localBatchSize * dpSize (%d * %d). Use a "
            + "globalBatchSize that is a multiple of %d.",
        globalBatchSize,
        local,
        parallel.dpSize(),
        local * parallel.dpSize());
    return (int) (globalBatchSize / (local * parallel.dpSize()));
  }

  /** Refuses what would fill the memory before a plan or a batch is made of it. */
  void checkSize(ParallelConfig parallel) {
    int microbatches = numMicrobatches(parallel);
    ConfigException.check(
        microbatches <= MAX_MICROBATCHES,
        "globalBatchSize %d on dpSize %d replicas are %d microbatches of %d rows (ppMicrobatchSize) in"
            + " one pipeline step, more than %d. Set localBatchSize to at most %d rows, whose"
            + " gradients are summed, or raise ppMicrobatchSize.",
        globalBatchSize,
        parallel.dpSize(),
        microbatches,
        microbatchSize,
        MAX_MICROBATCHES,
        (long) MAX_MICROBATCHES * microbatchSize);
    long tokens = (long) localBatchSize(parallel) * seqLength;
    ConfigException.check(
        tokens <= MAX_TOKENS,
        "%d rows of one pipeline step (localBatchSize, or else globalBatchSize %d / dpSize %d) of %d"
            + " tokens each (seqLength) are %d tokens, more than %d. Set localBatchSize to at most"
            + " %d.",
        localBatchSize(parallel),
        globalBatchSize,
        parallel.dpSize(),
        seqLength,
        tokens,
        MAX_TOKENS,
        Math.max(1, MAX_TOKENS / seqLength));
  }

  /** Microbatches of one pipeline step on one replica. */
  public int numMicrobatches(ParallelConfig parallel) {
    int local = localBatchSize(parallel);
    ConfigException.check(
        local % microbatchSize == 0,
        "The batch of one pipeline step (%d rows: localBatchSize, or else globalBatchSize %d / "
            + "dpSize %d) must be divisible by ppMicrobatchSize (%d). Use a localBatchSize that is "
            + "a multiple of %d.",
        local,
        globalBatchSize,
        parallel.dpSize(),
        microbatchSize,
        microbatchSize);
    return local / microbatchSize;
  }
}
