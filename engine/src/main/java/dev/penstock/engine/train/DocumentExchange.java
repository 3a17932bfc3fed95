package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.PendingSend;
import dev.penstock.engine.comm.TensorSpec;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.model.DocumentLayout;
import dev.penstock.engine.torch.HostTensors;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Tells every rank of a pipeline where documents begin in a batch, since every stage attends and
 * only the first stage's rank reads rows.
 *
 * @param pipeline transport rank of each pipeline rank
 * @param firstRank transport rank of the first stage
 */
record DocumentExchange(Transport transport, List<Integer> pipeline, int firstRank, String device) {
  private static final long STARTS_TAG = 3;

  /**
   * The documents of each microbatch; collective over the pipeline.
   *
   * @param batch the rows, on the first stage's rank; elsewhere null
   * @param rowsPerMicrobatch the same on every rank
   * @param seqLength tokens of a row, likewise
   * @throws TrainingException if the batch does not say where documents begin
   */
  List<DocumentLayout> distribute(
      @Nullable TokenBatch batch, List<Integer> rowsPerMicrobatch, int seqLength) {
    int tokens = rowsPerMicrobatch.stream().mapToInt(Integer::intValue).sum() * seqLength;
    BitSet starts = batch == null ? receive(tokens) : send(starts(batch), tokens);
    List<DocumentLayout> documents = new ArrayList<>();
    int firstRow = 0;
    for (int rows : rowsPerMicrobatch) {
      documents.add(DocumentLayout.of(starts, firstRow, rows, seqLength));
      firstRow += rows;
    }
    return documents;
  }

  /**
   * The places where documents begin.
   *
   * @throws TrainingException if the batch does not say so
   */
  static BitSet starts(TokenBatch batch) {
    if (batch.documentStarts() == null) {
      throw new TrainingException(
          "documentMask needs rows that say where documents begin, but the MicrobatchSource gives"
              + " none: TokenBatch.withDocumentStarts.");
    }
    return requireNonNull(batch.documentStarts());
  }

  private BitSet send(BitSet starts, int tokens) {
    long[] flags = new long[tokens];
    starts.stream().forEach(at -> flags[at] = 1);
    try (Tensor message = HostTensors.ofLongs(flags, device, tokens)) {
      List<PendingSend> sends =
          pipeline.stream()
              .filter(rank -> rank != firstRank)
              .map(rank -> transport.send(message, rank, STARTS_TAG))
              .toList();
      sends.forEach(PendingSend::await);
    }
    return starts;
  }

  private BitSet receive(int tokens) {
    TensorSpec spec = TensorSpec.of(ScalarType.Long, tokens);
    BitSet starts = new BitSet();
    try (Tensor message = transport.receive(spec, firstRank, STARTS_TAG).await()) {
      long[] flags = HostTensors.toLongs(message);
      for (int at = 0; at < tokens; at++) {
        starts.set(at, flags[at] != 0);
      }
    }
    return starts;
  }
}
