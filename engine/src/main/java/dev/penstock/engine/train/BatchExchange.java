package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.runtime.StepData;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Brings a batch to the ranks that need it: only the first stage's rank reads rows, so it sends the
 * targets straight to the last stage's rank.
 */
public final class BatchExchange {
  private static final long TARGETS_TAG = 1;

  private final Transport transport;
  private final int firstRank;
  private final int lastRank;
  private final boolean weighted;
  private final String device;

  /**
   * Makes the exchange of one pipeline.
   *
   * @param firstRank transport rank of the first stage
   * @param lastRank transport rank of the last stage
   * @param weighted whether batches have loss weights, the same on every rank
   */
  public BatchExchange(
      Transport transport, int firstRank, int lastRank, boolean weighted, String device) {
    this.transport = transport;
    this.firstRank = firstRank;
    this.lastRank = lastRank;
    this.weighted = weighted;
    this.device = device;
  }

  /** The exchange of batches without loss weights. */
  public BatchExchange(Transport transport, int firstRank, int lastRank, String device) {
    this(transport, firstRank, lastRank, false, device);
  }

  /** Whether this rank gives the rows. */
  boolean readsRows() {
    return transport.rank() == firstRank;
  }

  /**
   * The microbatches of a step on this rank; collective over first and last rank.
   *
   * @param batch the rows, on the first rank; elsewhere null
   * @param rowsPerMicrobatch the same on every rank
   * @return tensors are in the caller's PointerScope
   */
  public StepData distribute(
      @Nullable TokenBatch batch, List<Integer> rowsPerMicrobatch, int seqLength) {
    int rows = rowsPerMicrobatch.stream().mapToInt(Integer::intValue).sum();
    List<Tensor> inputs = List.of();
    List<Tensor> targets = List.of();
    Tensor allTargets = null;
    if (transport.rank() == firstRank) {
      TokenBatch own = requireNonNull(batch, "the first stage's rank has no batch");
      inputs = split(ids(own.inputIds(), rows, seqLength), rowsPerMicrobatch);
      allTargets = targets(own);
      if (lastRank != firstRank) {
        transport.send(allTargets, lastRank, TARGETS_TAG).await();
      }
    } else if (transport.rank() == lastRank) {
      allTargets = transport.receive(targetSpec(rows, seqLength), firstRank, TARGETS_TAG).await();
      HostTensors.attach(allTargets);
    }
    if (transport.rank() == lastRank) {
      targets = split(requireNonNull(allTargets), rowsPerMicrobatch);
    }
    List<List<Long>> shapes =
        rowsPerMicrobatch.stream().map(count -> List.of((long) count, (long) seqLength)).toList();
    return new StepData(shapes, inputs, targets);
  }

  /** What {@link dev.penstock.engine.model.TokenCrossEntropy} takes. */
  private TensorSpec targetSpec(long rows, long seqLength) {
    return weighted
        ? TensorSpec.of(ScalarType.Float, rows, 2, seqLength)
        : TensorSpec.of(ScalarType.Long, rows, seqLength);
  }

  private Tensor targets(TokenBatch batch) {
    if (!weighted) {
      checkUnweighted(batch);
      return ids(shifted(batch), batch.rows(), batch.seqLength());
    }
    int length = batch.seqLength();
    int[] targets = shifted(batch);
    float[] weights = shiftedWeights(batch);
    float[] both = new float[2 * targets.length];
    for (int i = 0; i < targets.length; i++) {
      int at = i / length * 2 * length + i % length;
      both[at] = targets[i];
      both[at + length] = weights[i];
    }
    try (TensorOptions options = HostTensors.options(ScalarType.Float, device)) {
      return HostTensors.attach(HostTensors.ofFloats(both, options, batch.rows(), 2, length));
    }
  }

  private static void checkUnweighted(TokenBatch batch) {
    if (batch.weights() != null) {
      throw new IllegalStateException(
          "The batch has loss weights, but its source says that it has none: MicrobatchSource.weighted()");
    }
  }

  /** The target of a position is the label after it. */
  private static int[] shifted(TokenBatch batch) {
    int[] labels = batch.labels();
    int length = batch.seqLength();
    int[] targets = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
      targets[i] = (i + 1) % length == 0 ? TokenBatch.IGNORE : labels[i + 1];
    }
    return targets;
  }

  private static float[] shiftedWeights(TokenBatch batch) {
    float[] weights = batch.weights();
    int length = batch.seqLength();
    float[] shifted = new float[batch.rows() * length];
    for (int i = 0; i < shifted.length; i++) {
      boolean lastOfRow = (i + 1) % length == 0;
      shifted[i] = lastOfRow ? 0 : weights == null ? 1 : weights[i + 1];
      if (!(shifted[i] >= 0 && Float.isFinite(shifted[i]))) {
        throw new TrainingException(
            String.format(
                Locale.ROOT,
                "A loss weight must be finite and not negative, but row %d has %s.",
                i / length,
                shifted[i]));
      }
    }
    return shifted;
  }

  /** Positions whose target counts in the loss. */
  public static long countedTokens(TokenBatch batch) {
    long counted = 0;
    for (int target : shifted(batch)) {
      counted += target == TokenBatch.IGNORE ? 0 : 1;
    }
    return counted;
  }

  /** Sum of the weights of the counted positions: what the loss is divided by. */
  static double countedWeight(TokenBatch batch) {
    if (batch.weights() == null) {
      return countedTokens(batch);
    }
    int[] targets = shifted(batch);
    float[] weights = shiftedWeights(batch);
    double sum = 0;
    for (int i = 0; i < targets.length; i++) {
      sum += targets[i] == TokenBatch.IGNORE ? 0 : weights[i];
    }
    return sum;
  }

  private Tensor ids(int[] values, int rows, int seqLength) {
    return HostTensors.attach(HostTensors.ofTokens(values, device, rows, seqLength));
  }

  private static List<Tensor> split(Tensor rows, List<Integer> rowsPerMicrobatch) {
    List<Tensor> parts = new ArrayList<>();
    long begin = 0;
    for (int count : rowsPerMicrobatch) {
      parts.add(rows.narrow(0, begin, count));
      begin += count;
    }
    return parts;
  }
}
