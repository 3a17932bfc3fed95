package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.StepConfig;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.plan.StepSchedule;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.RankNumbers;
import dev.penstock.engine.runtime.RowSplit;
import dev.penstock.engine.runtime.StepData;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a run as one rank sees them: reads them where the first stage is and brings each
 * pipeline step's microbatches to the ranks that need them. All ranks make the same calls.
 */
final class BatchFeed {
  /**
   * The microbatches of a pipeline step.
   *
   * @param tokens all tokens that were read, on the first stage's rank; elsewhere 0
   * @param countedTokens those that count in the loss, likewise
   * @param countedWeight sum of their weights, likewise
   * @param readSeconds what it took to get the rows, likewise
   * @param ends whether there are no rows behind them, likewise
   */
  record Batch(
      StepData data,
      long tokens,
      long countedTokens,
      double countedWeight,
      double readSeconds,
      boolean ends) {}

  private final TrainingConfig config;
  private final @Nullable MicrobatchSource source;
  private final int vocabSize;
  private final int firstReplicaRow;
  private final int localRows;
  private final List<Integer> rowsPerMicrobatch;
  private final BatchExchange exchange;
  private final @Nullable DocumentExchange documents;
  private final int firstRank;
  private final @Nullable RankNumbers lengths; // null: all batches have the run's
  private final StepSchedule schedule;
  private final RankNumbers numbers;
  private final int readingRank;
  private boolean onePass;

  /**
   * Makes the feed of a rank; collective over all ranks.
   *
   * @param source the rows, on ranks with the first stage
   */
  BatchFeed(
      TrainingConfig config,
      TrainingPlan plan,
      ProcessGrid grid,
      Transport transport,
      @Nullable MicrobatchSource source,
      String device) {
    this.config = config;
    this.source = source;
    vocabSize = plan.spec().vocabSize();
    List<Integer> pipeline = grid.pipelineOf(transport.rank());
    firstRank = pipeline.get(plan.firstStageRank());
    int lastRank = pipeline.get(plan.lastStageRank());
    localRows = config.batch().localBatchSize(config.parallel());
    firstReplicaRow =
        grid.dpRank(transport.rank()) * config.batch().rowsPerReplica(config.parallel());
    rowsPerMicrobatch = RowSplit.sizes(localRows, config.numMicrobatches());
    double[] facts = {0, 0, 0};
    if (transport.rank() == firstRank) {
      MicrobatchSource own = requireNonNull(source, "the first stage's rank has no source");
      facts = new double[] {own.numRows(), own.weighted() ? 1 : 0, own.variesInLength() ? 1 : 0};
    }
    numbers = new RankNumbers(transport, grid.all(), device);
    readingRank = grid.rank(plan.firstStageRank(), 0);
    facts = numbers.of(readingRank, facts);
    exchange = new BatchExchange(transport, firstRank, lastRank, facts[1] == 1, device);
    documents =
        config.compute().documentMask()
            ? new DocumentExchange(transport, pipeline, firstRank, device)
            : null;
    lengths = facts[2] == 1 ? new RankNumbers(transport, pipeline, device) : null;
    schedule = StepSchedule.of(config.steps(), config.batch().globalBatchSize(), (long) facts[0]);
  }

  /**
   * The feed of one pass over rows that end: the last batch does not read on. Collective over all
   * ranks.
   *
   * @throws TrainingException if there are no rows, or the source cannot tell how many
   */
  static BatchFeed ofOnePass(
      TrainingConfig config,
      TrainingPlan plan,
      ProcessGrid grid,
      Transport transport,
      @Nullable MicrobatchSource source,
      String device) {
    BatchFeed feed =
        new BatchFeed(
            config.withSteps(StepConfig.ofEpochs(1)), plan, grid, transport, source, device);
    if (feed.schedule.numSteps() < 1) {
      throw new TrainingException("There are no rows to validate on.");
    }
    feed.onePass = true;
    return feed;
  }

  /** The steps of the run. */
  StepSchedule schedule() {
    return schedule;
  }

  /** Whether this rank reads the rows: it has the first stage. */
  boolean readsRows() {
    return exchange.readsRows();
  }

  /**
   * Whether there are no rows from a step on; collective over all ranks.
   *
   * @param step the step that a run goes on at
   */
  boolean endsBefore(long step) {
    if (step == 0 || schedule.numRows() != StepSchedule.UNTIL_THEY_END) {
      return false;
    }
    boolean ends = readsRows() && requireNonNull(source).endsWith(step - 1);
    return numbers.of(readingRank, ends ? 1 : 0)[0] > 0;
  }

  /** Pipeline steps of one optimizer step. */
  int accumulationSteps() {
    return config.batch().accumulationSteps(config.parallel());
  }

  /**
   * The microbatches of one pipeline step.
   *
   * @param step optimizer step
   * @param part pipeline step within it
   * @return tensors are in the caller's PointerScope
   */
  Batch next(long step, int part) {
    long begin = System.nanoTime();
    TokenBatch batch = readsRows() ? read(step, firstReplicaRow + part * localRows) : null;
    boolean ends =
        part == accumulationSteps() - 1
            && step < schedule.numSteps() - 1
            && batch != null
            && requireNonNull(source).endsWith(step);
    double readSeconds = (System.nanoTime() - begin) / 1e9;
    long tokens = batch == null ? 0 : batch.inputIds().length;
    batch = batch == null ? null : filledUp(batch);
    int length = length(batch);
    StepData data = exchange.distribute(batch, rowsPerMicrobatch, length);
    if (documents != null) {
      data = data.withDocuments(documents.distribute(batch, rowsPerMicrobatch, length));
    }
    return batch == null
        ? new Batch(data, 0, 0, 0, 0, false)
        : new Batch(
            data,
            tokens,
            BatchExchange.countedTokens(batch),
            BatchExchange.countedWeight(batch),
            readSeconds,
            ends);
  }

  /** Tokens of a row of the batch, on every rank of the pipeline. */
  private int length(@Nullable TokenBatch batch) {
    return lengths == null
        ? config.batch().seqLength()
        : (int) lengths.of(firstRank, batch == null ? 0 : batch.seqLength())[0];
  }

  private TokenBatch read(long step, int firstRow) {
    TokenBatch batch = requireNonNull(source).read(step, firstRow, localRows);
    for (int id : batch.inputIds()) {
      if (id < 0 || id >= vocabSize) {
        throw new TrainingException(
            String.format(
                Locale.ROOT,
                "Token id %d is outside the model's vocabulary of %d. Use the tokenizer that belongs to the model.",
                id,
                vocabSize));
      }
    }
    if (documents != null) {
      batch = withoutFirstTokens(batch);
    }
    return onePass
        ? endingWithTheRows(batch, step * config.batch().globalBatchSize() + firstRow)
        : batch;
  }

  /**
   * All ranks expect batches of one size, and the loss is a mean over what counts: rows that count
   * for nothing, where the source has no more, leave the step that of the rows that are there.
   */
  private TokenBatch filledUp(TokenBatch batch) {
    return batch.rows() < localRows ? batch.filledUpTo(localRows) : batch;
  }

  /** What a document begins with is not predicted from the end of another. */
  private static TokenBatch withoutFirstTokens(TokenBatch batch) {
    int[] labels = batch.labels().clone();
    DocumentExchange.starts(batch).stream().forEach(at -> labels[at] = TokenBatch.IGNORE);
    return batch.withLabels(labels);
  }

  /** Without the rows of a next epoch. */
  private TokenBatch endingWithTheRows(TokenBatch batch, long position) {
    long left = Math.max(0, requireNonNull(source).numRows() - position);
    return left < batch.rows() ? batch.first((int) left) : batch;
  }
}
