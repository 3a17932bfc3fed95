package dev.penstock.spark.fit;

import dev.penstock.engine.comm.ProcessGrid;
import dev.penstock.engine.config.ParallelConfig;
import dev.penstock.engine.train.RankResult;
import dev.penstock.engine.train.StepReport;
import dev.penstock.engine.train.ValidationReport;
import java.io.Serializable;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the ranks reported.
 *
 * @param steps every step
 * @param validations every validation
 * @param savedStep optimizer steps that the saved weights have taken
 * @param timelinePath folder of the timeline's files; null: there are none
 * @param dataSeconds what getting the rows of each step took, on the replica that took longest
 * @param peakBytes most memory that the process of each rank held
 * @param phaseSeconds where the time of the rank that took longest went
 * @param attempts how often it began, and what checkpoints cost
 */
public record TrainingHistory(
    List<StepReport> steps,
    List<ValidationReport> validations,
    long savedStep,
    @Nullable String timelinePath,
    List<Double> dataSeconds,
    List<Long> peakBytes,
    Map<String, Double> phaseSeconds,
    AttemptStory attempts)
    implements Serializable {
  public TrainingHistory {
    steps = List.copyOf(steps);
    validations = List.copyOf(validations);
  }

  /**
   * @param restoredBest whether the weights of the best validation were saved, not the last
   */
  static TrainingHistory of(
      List<RankResult> ranks,
      boolean restoredBest,
      @Nullable String timelinePath,
      AttemptStory attempts) {
    RankResult any = ranks.get(0); // every rank has all validations
    List<StepReport> steps = ranks.stream().flatMap(rank -> rank.steps().stream()).toList();
    return new TrainingHistory(
        steps,
        any.validations(),
        restoredBest ? any.bestStep() : steps.size(),
        timelinePath,
        dataSeconds(ranks, steps.size()),
        ranks.stream().map(RankResult::peakNativeBytes).toList(),
        ranks.stream()
            .map(RankResult::phaseSeconds)
            .max(Comparator.comparingDouble(FitPhases::total))
            .orElseThrow(),
        attempts);
  }

  /** Steps that were taken, as the reporting rank tells them. */
  static int numSteps(List<RankResult> ranks) {
    return ranks.stream().mapToInt(rank -> rank.steps().size()).sum();
  }

  /**
   * Whether so many validations followed the best one.
   *
   * @param patience 0: that ends no run
   */
  boolean stoppedEarly(int patience) {
    ValidationReport best = best();
    return patience > 0
        && best != null
        && validations.stream().filter(of -> of.step() > best.step()).count() >= patience;
  }

  private static List<Double> dataSeconds(List<RankResult> ranks, int steps) {
    List<List<Double>> readers =
        ranks.stream().map(RankResult::dataSeconds).filter(seconds -> !seconds.isEmpty()).toList();
    // Steps before the one that the last attempt went on from were read by others.
    return IntStream.range(0, steps)
        .mapToObj(
            step ->
                readers.stream().mapToDouble(reader -> read(reader, step, steps)).max().orElse(0))
        .toList();
  }

  private static double read(List<Double> reader, int step, int steps) {
    int at = step - (steps - reader.size());
    return at < 0 ? 0 : reader.get(at);
  }

  /** The most memory of each pipeline rank's processes, over all replicas. */
  List<Long> peakBytesOfPipeline(ParallelConfig parallel) {
    ProcessGrid grid = new ProcessGrid(parallel.ppSize(), parallel.dpSize());
    return IntStream.range(0, parallel.ppSize())
        .mapToObj(
            ppRank ->
                grid.all().stream()
                    .filter(rank -> grid.ppRank(rank) == ppRank)
                    .map(peakBytes::get)
                    .max(Comparator.naturalOrder())
                    .orElseThrow())
        .toList();
  }

  /** The validation of the lowest loss, the first of several; null: there was none. */
  public @Nullable ValidationReport best() {
    ValidationReport best = null;
    for (ValidationReport validation : validations) {
      if (best == null || validation.loss() < best.loss()) {
        best = validation;
      }
    }
    return best;
  }

  /** Loss of the saved weights: the validation's, or else that of the last training step. */
  public double savedLoss() {
    return validations.stream()
        .filter(validation -> validation.step() == savedStep)
        .mapToDouble(ValidationReport::loss)
        .findFirst()
        .orElseGet(this::lastLoss);
  }

  /** Of the last step that had a loss. */
  private double lastLoss() {
    return steps.stream()
        .filter(step -> !step.isEmpty())
        .reduce((earlier, later) -> later)
        .map(StepReport::loss)
        .orElse(Double.NaN);
  }
}
