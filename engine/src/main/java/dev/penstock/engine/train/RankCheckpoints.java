package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.CheckpointFolder;
import dev.penstock.engine.checkpoint.RankSaver;
import dev.penstock.engine.checkpoint.RunPoint;
import dev.penstock.engine.checkpoint.StepTable;
import dev.penstock.engine.runtime.RankNumbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * Makes the checkpoints of a run, as one rank sees it: copies the state at the end of a step,
 * writes it while training goes on, and has the first rank commit when all have written theirs.
 *
 * <p>Ranks learn of each other's progress from signals that travel with the sums of every step, so
 * all know the same at the same step and no message is added. Used by the rank's thread.
 */
final class RankCheckpoints implements AutoCloseable {
  private static final int COMMITTING_RANK = 0;
  private static final long POLL_MILLIS = 50;

  private final CheckpointInputs inputs;
  private final RankState state;
  private final RankNumbers numbers;
  private final RankSaver saver;
  private final TrainingListener listener;
  private final Supplier<@Nullable Throwable> aborted;
  private final int ranks;
  private final int rank;
  private final List<String> problems = new ArrayList<>();

  /** What is being written, on every rank alike; null: nothing is. */
  private @Nullable RunPoint underWay;

  private boolean committing;
  private long committedStep;
  private long begunNanos = System.nanoTime();
  private int saved;
  private double copySeconds;
  private double waitSeconds;

  /**
   * @param listener hears of those that are complete
   * @param aborted what ended the run, if anything did: asked while waiting
   */
  RankCheckpoints(
      CheckpointInputs inputs,
      RankState state,
      RankNumbers numbers,
      TrainingListener listener,
      Supplier<@Nullable Throwable> aborted) {
    this.inputs = inputs;
    this.state = state;
    this.numbers = numbers;
    this.listener = listener;
    this.aborted = aborted;
    rank = numbers.transport().rank();
    ranks = numbers.ranks().size();
    saver = new RankSaver(new CheckpointFolder(inputs.folder()), inputs.attempt(), rank);
  }

  /** Whether this rank finds that one is due by time: one rank's clock counts. */
  boolean isDueByTime() {
    return inputs.everySeconds() > 0
        && rank == COMMITTING_RANK
        && System.nanoTime() - begunNanos > TimeUnit.SECONDS.toNanos(inputs.everySeconds());
  }

  /** 1 once this rank has written its part of what is under way; to be summed over the ranks. */
  double written() {
    return underWay != null && saver.isDone() && saver.failure() == null ? 1 : 0;
  }

  /** 1 once this rank knows that it cannot; to be summed over the ranks. */
  double failed() {
    return underWay != null && saver.isDone() && saver.failure() != null ? 1 : 0;
  }

  /**
   * Commits or gives up what is under way, if every rank is done with it; all ranks call it with
   * the same sums.
   */
  void settle(double writtenRanks, double failedRanks) {
    if (committing && saver.isDone()) {
      reportCommit();
    }
    RunPoint point = underWay;
    if (point == null || writtenRanks + failedRanks < ranks) {
      return;
    }
    underWay = null;
    if (failedRanks > 0) {
      Throwable failure = saver.failure();
      problems.add(
          String.format(
              Locale.ROOT,
              "no checkpoint of step %d: %s",
              point.step(),
              failure == null
                  ? String.format(Locale.ROOT, "%.0f other ranks could not write", failedRanks)
                  : failure.getMessage()));
      return;
    }
    saved++;
    if (rank == COMMITTING_RANK) {
      reportCommit();
      committing = true;
      committedStep = point.step();
      saver.commit(ranks, inputs.identity(), point, inputs.retention());
    }
  }

  /** The commit before is over by now: the writer's thread takes one thing at a time. */
  private void reportCommit() {
    if (!committing) {
      return;
    }
    committing = false;
    Throwable failure = saver.commitFailure();
    if (failure == null) {
      listener.onCheckpoint(committedStep);
    } else {
      problems.add("a checkpoint could not be committed: " + failure.getMessage());
    }
  }

  /**
   * Makes a checkpoint; collective over all ranks. Waits for the one before, if that is still being
   * written.
   *
   * @param steps the history, on the rank that keeps it
   */
  void save(RunPoint point, @Nullable StepTable steps) {
    if (underWay != null) {
      long begin = System.nanoTime();
      finishUnderWay();
      waitSeconds += (System.nanoTime() - begin) / 1e9;
    }
    long begin = System.nanoTime();
    try (PointerScope scope = new PointerScope()) {
      saver.begin(point.step(), state.own(), steps);
    }
    underWay = point;
    begunNanos = System.nanoTime();
    copySeconds += (begunNanos - begin) / 1e9;
  }

  private void finishUnderWay() {
    await();
    double[] sums = numbers.sum(written(), failed());
    settle(sums[0], sums[1]);
  }

  /** Whether anything that was begun may not be over yet. */
  boolean isBusy() {
    return underWay != null || committing;
  }

  /** Waits until what was begun is committed or given up; collective over all ranks. */
  void finish() {
    if (underWay != null) {
      finishUnderWay();
    }
    await();
    reportCommit();
  }

  private void await() {
    try {
      while (!saver.await(POLL_MILLIS)) {
        Throwable cause = aborted.get();
        if (cause != null) {
          throw new TrainingException(
              String.format(
                  Locale.ROOT, "Rank %d waited for its checkpoint: %s", rank, cause.getMessage()),
              cause);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TrainingException(String.format(Locale.ROOT, "Rank %d was interrupted.", rank), e);
    }
  }

  CheckpointSummary summary(long resumedAtStep, boolean stopped, List<String> passedOver) {
    List<String> all = new ArrayList<>(passedOver);
    all.addAll(problems);
    return new CheckpointSummary(
        resumedAtStep, stopped, saved, saver.bytesWritten(), copySeconds, waitSeconds, all);
  }

  @Override
  public void close() {
    saver.close();
  }
}
