package dev.penstock.engine.schedule;

import dev.penstock.engine.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;

/** What the generators share: the checks of their arguments and the assembly of the ranks. */
final class ComputeOrder {
  /** Most passes, microbatches times stages, of one pipeline step. */
  static final int MAX_PASSES = 1 << 18;

  private ComputeOrder() {}

  /**
   * Builds a schedule from the order of each rank, after checking that the numbers are positive.
   */
  static PipelineSchedule assemble(
      ScheduleGenerator generator,
      int ppSize,
      int stagesPerRank,
      int numMicrobatches,
      IntFunction<List<Action>> orderOfRank) {
    List<List<Action>> ranks = new ArrayList<>(ppSize);
    for (int rank = 0; rank < ppSize; rank++) {
      ranks.add(orderOfRank.apply(rank));
    }
    StagePlacement placement =
        StagePlacement.of(generator.placementStyle(), ppSize, ppSize * stagesPerRank);
    return new PipelineSchedule(generator.name(), placement, numMicrobatches, ranks);
  }

  static void checkPositive(int ppSize, int stagesPerRank, int numMicrobatches) {
    check(ppSize >= 1, String.format(Locale.ROOT, "ppSize must be at least 1, but is %d.", ppSize));
    check(
        stagesPerRank >= 1,
        String.format(Locale.ROOT, "stagesPerRank must be at least 1, but is %d.", stagesPerRank));
    check(
        numMicrobatches >= 1,
        String.format(
            Locale.ROOT,
            "The number of microbatches must be at least 1, but is %d.",
            numMicrobatches));
    checkSize((long) ppSize * stagesPerRank, numMicrobatches);
  }

  /** Refuses a schedule that would fill the memory before it is made. */
  static void checkSize(long numStages, int numMicrobatches) {
    check(
        numStages <= MAX_PASSES && numStages * numMicrobatches <= MAX_PASSES,
        String.format(
            Locale.ROOT,
            ("%d stages and %d microbatches are more than the %d passes that one pipeline step may have."
                + " Use fewer microbatches: larger ones (ppMicrobatchSize), or fewer rows in a"
                + " pipeline step (localBatchSize), whose gradients are summed."),
            numStages,
            numMicrobatches,
            MAX_PASSES));
  }

  static void checkOneStagePerRank(String name, int stagesPerRank) {
    check(
        stagesPerRank == 1,
        String.format(
            Locale.ROOT,
            "%s requires exactly 1 stage per rank, but got %d. Use a multi-stage schedule.",
            name,
            stagesPerRank));
  }

  /** The reference words this alike for both V schedules. */
  static void checkTwoStagesPerRank(int stagesPerRank) {
    check(
        stagesPerRank == 2,
        String.format(
            Locale.ROOT, "ZBV requires exactly 2 stages per rank, but got %d.", stagesPerRank));
  }

  static void check(boolean condition, String message) {
    if (!condition) {
      throw new ConfigException(message);
    }
  }
}
