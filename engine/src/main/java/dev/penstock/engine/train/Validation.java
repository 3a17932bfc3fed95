package dev.penstock.engine.train;

import static java.util.Objects.requireNonNull;

import dev.penstock.engine.checkpoint.ValidationPoint;
import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.comm.Transport;
import dev.penstock.engine.config.TrainingConfig;
import dev.penstock.engine.config.ValidationConfig;
import dev.penstock.engine.plan.TrainingPlan;
import dev.penstock.engine.runtime.RankNumbers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Measures the loss on rows that are not trained on, every rank taking part, and remembers the
 * best. Every rank finds the same numbers and so the same decisions. Used by the rank's thread;
 * {@link #close} frees the remembered weights.
 */
final class Validation implements AutoCloseable {
  private final ValidationConfig config;
  private final RankStages stages;
  private final BatchFeed feed;
  private final long numBatches;
  private final RankNumbers numbers;
  private final List<ValidationReport> reports = new ArrayList<>();
  private @Nullable ValidationReport best;
  private @Nullable Tensor bestWeights;
  private int withoutBetter;

  /**
   * Opens the validation rows; collective over all ranks.
   *
   * @param source the rows, on ranks with the first stage
   */
  Validation(
      ValidationConfig config,
      TrainingConfig training,
      TrainingPlan plan,
      Transport transport,
      RankStages stages,
      @Nullable MicrobatchSource source,
      String device) {
    this.config = config;
    this.stages = stages;
    ProcessGrid grid = new ProcessGrid(training.parallel().ppSize(), training.parallel().dpSize());
    numbers = new RankNumbers(transport, grid.all(), device);
    feed = BatchFeed.ofOnePass(training, plan, grid, transport, source, device);
    numBatches = feed.schedule().numSteps();
  }

  /** Whether one is due after so many steps; the last step's weights are saved. */
  boolean isDue(long stepsDone, boolean last) {
    return config.isDue(stepsDone, last);
  }

  /** Runs every validation row forward. */
  ValidationReport run(long stepsDone) {
    double loss = 0;
    double weight = 0;
    long counted = 0;
    for (long batch = 0; batch < numBatches; batch++) {
      for (int part = 0; part < feed.accumulationSteps(); part++) {
        try (PointerScope scope = new PointerScope()) {
          BatchFeed.Batch rows = feed.next(batch, part);
          loss += Arrays.stream(stages.runtime().evaluate(rows.data())).sum();
          weight += rows.countedWeight();
          counted += rows.countedTokens();
        }
      }
    }
    double[] sums = numbers.sum(loss, weight, counted);
    if (sums[1] == 0) {
      throw new TrainingException("No token of the validation rows counts in the loss.");
    }
    ValidationReport report = new ValidationReport(stepsDone, sums[0] / sums[1], (long) sums[2]);
    reports.add(report);
    remember(report);
    return report;
  }

  private void remember(ValidationReport report) {
    if (isBest(report) && config.restoreBest()) {
      Tensor weights = stages.model().arena().values();
      try (NoGradGuard noGrad = new NoGradGuard()) {
        if (bestWeights == null) {
          bestWeights = weights.clone();
        } else {
          bestWeights.copy_(weights);
        }
      }
    }
  }

  private boolean isBest(ValidationReport report) {
    if (best != null && !(report.loss() < best.loss())) {
      withoutBetter++;
      return false;
    }
    best = report;
    withoutBetter = 0;
    return true;
  }

  /** What a checkpoint keeps of the validations. */
  List<ValidationPoint> points() {
    return reports.stream()
        .map(report -> new ValidationPoint(report.step(), report.loss(), report.countedTokens()))
        .toList();
  }

  /**
   * Goes on after the validations of a checkpoint. The weights of the best one are to be put into
   * {@link #bestWeights}, if there are any.
   */
  void resume(List<ValidationPoint> points) {
    reports.clear();
    best = null;
    withoutBetter = 0;
    for (ValidationPoint point : points) {
      ValidationReport report =
          new ValidationReport(point.step(), point.loss(), point.countedTokens());
      reports.add(report);
      isBest(report);
    }
    if (best != null && config.restoreBest() && bestWeights == null) {
      try (NoGradGuard noGrad = new NoGradGuard()) {
        bestWeights = stages.model().arena().values().clone();
      }
    }
  }

  /** The weights that the best validation found, where they are kept; else null. */
  @Nullable Tensor bestWeights() {
    return bestWeights;
  }

  /** Whether the run should end, for it gets no better. */
  boolean endsRun() {
    return config.patience() > 0 && withoutBetter >= config.patience();
  }

  /** Puts the weights of the best validation back, if they are wanted. */
  void restoreBest() {
    if (bestWeights != null) {
      try (NoGradGuard noGrad = new NoGradGuard()) {
        stages.model().arena().values().copy_(bestWeights);
      }
      stages.model().arena().publish();
    }
  }

  /** All validations, in order. */
  List<ValidationReport> reports() {
    return List.copyOf(reports);
  }

  /** Steps before the best validation. */
  long bestStep() {
    return requireNonNull(best, "no validation yet").step();
  }

  @Override
  public void close() {
    if (bestWeights != null) {
      bestWeights.close();
    }
  }
}
