package dev.penstock.engine.train;

import dev.penstock.engine.checkpoint.RunPoint;
import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.optim.LrSchedule;
import dev.penstock.engine.runtime.TimelineRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;
import org.bytedeco.javacpp.PointerScope;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a run on one rank: from the first, or from those that a checkpoint has, to the last.
 * Used by the rank's thread, once.
 */
final class TrainingLoop {
  /**
   * What the loop drives; the caller closes it.
   *
   * @param feed the rows
   * @param watch tells how the rank fares
   * @param validation null: the run is not validated
   * @param checkpoints null: none are made
   */
  record Parts(
      RankStages stages,
      OptimizerStep optimizer,
      BatchFeed feed,
      TimelineRecorder recorder,
      RankWatch watch,
      @Nullable Validation validation,
      @Nullable RankCheckpoints checkpoints) {}

  /** Places of the numbers that ranks tell each other at every step. */
  private static final int DUE = 0;

  private static final int STOP = 1;
  private static final int WRITTEN = 2;
  private static final int FAILED = 3;
  private static final int TOKENS = 4;
  private static final int WATCHED = 5;
  private static final int ENDED = 6;
  private static final int WAITED = 7;
  private static final int SIGNALS = 8;

  private final TrainingConfig config;
  private final Parts parts;
  private final PhaseClock clock;
  private final @Nullable TrainingListener listener;
  private final BooleanSupplier stopRequested;
  private final LongConsumer onStepDone;
  private final LrSchedule learningRates;
  private final List<Double> dataSeconds = new ArrayList<>();
  private final List<StepReport> history = new ArrayList<>();
  private long stepsDone;
  private long tokensRead; // of the step at hand, on this rank
  private boolean rowsEnd; // likewise
  private boolean stopped;

  /**
   * @param listener hears of every step, on the reporting rank; elsewhere null
   * @param stopRequested whether this rank was asked to end the run
   * @param onStepDone hears how many steps are done, on every rank
   */
  TrainingLoop(
      TrainingConfig config,
      Parts parts,
      PhaseClock clock,
      @Nullable TrainingListener listener,
      BooleanSupplier stopRequested,
      LongConsumer onStepDone) {
    this.config = config;
    this.parts = parts;
    this.clock = clock;
    this.listener = listener;
    this.stopRequested = stopRequested;
    this.onStepDone = onStepDone;
    learningRates = new LrSchedule(config.lrSchedule(), config.optimizer().learningRate());
  }

  /** Every step so far, on the reporting rank. */
  List<StepReport> history() {
    return history;
  }

  /** What getting the rows of each step took, where they are read. */
  List<Double> dataSeconds() {
    return dataSeconds;
  }

  /** Whether the run was ended before its time because a rank was asked to. */
  boolean stopped() {
    return stopped;
  }

  /** Goes on after what was restored into the parts. */
  void resume(RankRestore.Restored restored) {
    long step = restored.point().step();
    long numSteps = parts.feed.schedule().numSteps();
    if (step > numSteps) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "The checkpoint has %d steps, but the run ends after %d. Raise maxSteps or numEpochs.",
              step,
              numSteps));
    }
    history.addAll(restored.history());
    stepsDone = step;
    onStepDone.accept(step);
    parts.optimizer.resumeAfter(step);
    parts.stages.runtime().resumeAfter(step * parts.feed.accumulationSteps());
  }

  /** Takes the steps that are left. */
  void run() {
    long numSteps = parts.feed.schedule().numSteps();
    boolean ended = stepsDone == numSteps || endsByValidation() || parts.feed.endsBefore(stepsDone);
    while (!ended) {
      try {
        ended = step(stepsDone, stepsDone + 1 == numSteps);
      } catch (TrainingException e) {
        throw new TrainingException(
            String.format(
                Locale.ROOT,
                "Rank %d, step %d: %s",
                parts.optimizer.rank(),
                stepsDone + 1,
                e.getMessage()),
            e);
      }
    }
    if (parts.checkpoints != null && parts.checkpoints.isBusy()) {
      clock.begin("checkpoint");
      parts.checkpoints.finish();
    }
    if (parts.validation != null && !stopped) {
      parts.validation.restoreBest();
    }
  }

  private boolean endsByValidation() {
    return parts.validation != null && parts.validation.endsRun();
  }

  /** Takes a step and what follows it; returns whether the run ends here. */
  private boolean step(long step, boolean lastByNumber) {
    parts.recorder.beginStep();
    long begin = System.nanoTime();
    double learningRate = learningRates.at(step);
    double reading = accumulate(step);
    if (parts.feed.readsRows()) {
      dataSeconds.add(reading);
    }
    StepOutcome outcome = parts.optimizer.update(learningRate, signals(reading));
    boolean last = lastByNumber || outcome.signals().get(ENDED) > 0;
    parts.recorder.endStep();
    stepsDone = step + 1;
    onStepDone.accept(stepsDone);
    if (outcome.signals().get(WATCHED) > 0) {
      parts.watch.tell(stepsDone, outcome.peakBytes());
    }
    if (listener != null) {
      StepReport report = report(outcome, learningRate, begin);
      history.add(report);
      listener.onStep(report);
    }
    validate(last);
    stopped = outcome.signals().get(STOP) > 0 && !last;
    boolean ends = last || stopped || endsByValidation();
    checkpoint(outcome.signals(), ends);
    return ends;
  }

  private double[] signals(double readSeconds) {
    double[] signals = new double[SIGNALS];
    signals[TOKENS] = tokensRead;
    signals[WATCHED] = parts.watch.isDue() ? 1 : 0;
    signals[ENDED] = rowsEnd ? 1 : 0;
    signals[WAITED] = readSeconds / config.parallel().dpSize();
    signals[STOP] = stopRequested.getAsBoolean() ? 1 : 0;
    if (parts.checkpoints != null) {
      signals[DUE] = parts.checkpoints.isDueByTime() ? 1 : 0;
      signals[WRITTEN] = parts.checkpoints.written();
      signals[FAILED] = parts.checkpoints.failed();
    }
    return signals;
  }

  private void validate(boolean last) {
    Validation validation = parts.validation;
    if (validation == null || !validation.isDue(stepsDone, last)) {
      return;
    }
    clock.begin("validation");
    ValidationReport found = validation.run(stepsDone);
    clock.begin("steps");
    if (listener != null) {
      listener.onValidation(found);
    }
  }

  private void checkpoint(List<Double> signals, boolean ends) {
    RankCheckpoints checkpoints = parts.checkpoints;
    if (checkpoints == null) {
      return;
    }
    checkpoints.settle(signals.get(WRITTEN), signals.get(FAILED));
    boolean due =
        parts.feed.schedule().at(stepsDone - 1).checkpoint()
            || (ends && config.steps().checkpointEverySteps() != null)
            || signals.get(DUE) > 0
            || stopped;
    if (due) {
      clock.begin("checkpoint");
      checkpoints.save(point(), listener == null ? null : StepHistory.toTable(history));
      clock.begin("steps");
    }
  }

  private RunPoint point() {
    return new RunPoint(
        stepsDone,
        parts.feed.schedule().at(stepsDone).epoch(),
        stepsDone * config.batch().globalBatchSize(),
        parts.validation == null ? List.of() : parts.validation.points());
  }

  /** Runs the pipeline steps of an optimizer step; returns what getting their rows took. */
  private double accumulate(long step) {
    int steps = parts.feed.accumulationSteps();
    double readSeconds = 0;
    tokensRead = 0;
    rowsEnd = false;
    // What is dropped at random goes by it, in a run that was resumed too.
    parts.stages.runtime().resumeAfter(step * steps);
    for (int part = 0; part < steps; part++) {
      try (PointerScope scope = new PointerScope()) {
        BatchFeed.Batch batch = parts.feed.next(step, part);
        parts.optimizer.accumulate(
            batch.data(), batch.countedTokens(), batch.countedWeight(), part == steps - 1);
        tokensRead += batch.tokens();
        readSeconds += batch.readSeconds();
        rowsEnd |= batch.ends();
      }
    }
    return readSeconds;
  }

  private StepReport report(StepOutcome outcome, double learningRate, long beginNanos) {
    return new StepReport(
        stepsDone,
        outcome.loss(),
        outcome.gradNorm(),
        learningRate,
        outcome.countedTokens(),
        outcome.signals().get(TOKENS).longValue(),
        (System.nanoTime() - beginNanos) / 1e9,
        outcome.peakBytes().stream().mapToLong(Long::longValue).max().orElse(0),
        outcome.signals().get(WAITED));
  }
}
