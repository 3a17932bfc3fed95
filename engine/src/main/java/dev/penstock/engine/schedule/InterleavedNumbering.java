package dev.penstock.engine.schedule;

import java.util.Locale;

/**
 * Which stage and microbatch the k-th forward or backward of a rank is, in the interleaved
 * schedules (Narayanan et al. 2021, arXiv:2104.04473, section 2.2).
 *
 * <p>The M microbatches are cut into R = max(1, M/P) rounds of G = M/R. A rank takes a round
 * through its first stage, then through its second, .. and only then starts the next round; the
 * backwards visit the stages the other way round.
 *
 * @param ppSize P, pipeline ranks
 * @param stagesPerRank V, stages of one rank
 * @param roundSize G, microbatches of one round
 */
record InterleavedNumbering(int ppSize, int stagesPerRank, int roundSize) {
  /**
   * Checks that the microbatches fill the rounds; {@code subject} opens the reference's message.
   */
  static InterleavedNumbering of(
      String subject, int ppSize, int stagesPerRank, int numMicrobatches) {
    int rounds = Math.max(1, numMicrobatches / ppSize);
    ComputeOrder.check(
        numMicrobatches % rounds == 0,
        String.format(
            Locale.ROOT,
            ("%s requires the number of microbatches to be a multiple of the number of rounds (%d), but"
                + " got %d."),
            subject,
            rounds,
            numMicrobatches));
    return new InterleavedNumbering(ppSize, stagesPerRank, numMicrobatches / rounds);
  }

  Action forward(int rank, int k) {
    return action(rank, (k / roundSize) % stagesPerRank, ActionType.F, k);
  }

  /** The k-th backward, of type B or I; W's follow the I's and so are numbered like them. */
  Action backward(int rank, ActionType type, int k) {
    return action(rank, stagesPerRank - 1 - (k / roundSize) % stagesPerRank, type, k);
  }

  private Action action(int rank, int localStage, ActionType type, int k) {
    int round = k / (roundSize * stagesPerRank);
    return Action.of(localStage * ppSize + rank, type, round * roundSize + k % roundSize);
  }

  /**
   * Forwards before the first backward: the later stages' share of one round, and {@code perRank}
   * for each rank behind this one.
   */
  int warmup(int rank, int perRank, int total) {
    return Math.min(total, (stagesPerRank - 1) * roundSize + perRank * (ppSize - 1 - rank));
  }
}
