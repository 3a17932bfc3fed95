package dev.penstock.datasets.order;

/**
 * The order of sequences that come as a stream of shards: some shards that follow each other make a
 * window, and each window is shuffled as an epoch of its own. So a reader needs no more of the
 * stream than one window, and the order is a pure function of the shards and the seed.
 */
public final class StreamOrder {
  /** Shards that are mixed with each other, but at the end of the stream. */
  public static final int WINDOW_SHARDS = 4;

  private static final int OF_STREAM = 3;

  private StreamOrder() {}

  /** The window of a shard, from 0. */
  public static int windowOf(int shard) {
    return shard / WINDOW_SHARDS;
  }

  /** The first shard of a window. */
  public static int firstShard(int window) {
    return window * WINDOW_SHARDS;
  }

  /** The shard behind the last one of a window, of a stream of so many. */
  public static int endShard(int window, int shards) {
    return (int) Math.min(shards, (window + 1L) * WINDOW_SHARDS);
  }

  /**
   * The order within a window.
   *
   * @param numSequences of its shards together, at least 1
   */
  public static SequenceOrder ofWindow(
      int window, long numSequences, BlockLayout layout, long seed) {
    return new SequenceOrder(numSequences, layout, Permutation.mix(seed, window, OF_STREAM));
  }
}
