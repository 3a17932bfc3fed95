package dev.penstock.engine.comm;

import java.util.List;
import java.util.Objects;

/**
 * The ranks of a collective operation.
 *
 * @param ranks distinct, ascending
 */
public record RankGroup(List<Integer> ranks) {
  public RankGroup {
    ranks = List.copyOf(ranks);
    for (int i = 1; i < ranks.size(); i++) {
      check(ranks.get(i - 1) < ranks.get(i), "Ranks must ascend: " + ranks);
    }
  }

  /** The group as {@code member}, one of {@code size} ranks, sees it. */
  public static RankGroup of(List<Integer> ranks, int member, int size) {
    RankGroup group = new RankGroup(ranks);
    check(group.contains(member), "Rank " + member + " is not among the ranks " + ranks);
    check(
        group.lowest() >= 0 && ranks.get(ranks.size() - 1) < size,
        "Ranks must be within 0 to " + (size - 1) + ": " + ranks);
    return group;
  }

  /** Checks that {@code rank}, one of {@code size}, may exchange messages with {@code peer}. */
  public static void checkPeer(int rank, int peer, int size) {
    Objects.checkIndex(peer, size);
    check(peer != rank, "Rank " + rank + " cannot exchange messages with itself");
  }

  /** Where the results of collectives are computed. */
  public int lowest() {
    return ranks.get(0);
  }

  public boolean contains(int rank) {
    return ranks.contains(rank);
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
