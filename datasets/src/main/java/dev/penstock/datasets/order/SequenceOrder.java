package dev.penstock.datasets.order;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

/**
 * Which sequence comes at which position. Positions count on over the epochs: row {@code r} of
 * optimizer step {@code s} is at {@code s * globalBatchSize + r}, whatever the layout of the run.
 * Each epoch visits every sequence once.
 *
 * <p>An epoch shuffles the blocks of the data, cuts them into windows, and shuffles the sequences
 * of each window. So a reader holds one window, made of a few runs of storage, and neighbours in
 * the data do not stay neighbours. Takes no memory that grows with the data. Immutable.
 */
public final class SequenceOrder {
  private static final int BLOCKS = 1;
  private static final int WITHIN_WINDOW = 2;

  private final long numSequences;
  private final BlockLayout layout;
  private final long seed;
  private final long numBlocks;
  private final long windowsPerEpoch;

  /**
   * An order.
   *
   * @param numSequences sequences of the data, at least 1
   * @param layout how coarsely they are shuffled
   * @param seed another seed gives another order
   */
  public SequenceOrder(long numSequences, BlockLayout layout, long seed) {
    if (numSequences < 1) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "The data have %d sequences; there must be at least 1. Check the input and its filters.",
              numSequences));
    }
    this.numSequences = numSequences;
    this.layout = requireNonNull(layout, "layout is null");
    this.seed = seed;
    this.numBlocks = ceilDiv(numSequences, layout.sequencesPerBlock());
    this.windowsPerEpoch = ceilDiv(numBlocks, layout.blocksPerWindow());
  }

  /** Sequences of an epoch. */
  public long numSequences() {
    return numSequences;
  }

  /** The epoch of a position, from 0. */
  public long epochAt(long position) {
    return position / numSequences;
  }

  /** The index in the data of the sequence at a position. */
  public long indexAt(long position) {
    int offset = offsetInWindow(position);
    for (SequenceRange range : ranges(windowAt(position))) {
      if (offset < range.count()) {
        return range.first() + offset;
      }
      offset -= range.count();
    }
    throw new IllegalStateException(
        String.format(Locale.ROOT, "position %d is outside its window", position));
  }

  /** The window of a position; windows count on over the epochs. */
  public long windowAt(long position) {
    long epoch = epochAt(position);
    return epoch * windowsPerEpoch + windowInEpoch(position % numSequences, shortSlot(epoch));
  }

  /**
   * The sequence at a position, counted along the {@link #ranges} of its window: 0 is the first
   * sequence of the first range.
   */
  public int offsetInWindow(long position) {
    long epoch = epochAt(position);
    long shortSlot = shortSlot(epoch);
    long inEpoch = position % numSequences;
    long window = windowInEpoch(inEpoch, shortSlot);
    long first = windowStart(window, shortSlot);
    long size = windowStart(window + 1, shortSlot) - first;
    return (int) within(epoch * windowsPerEpoch + window, size).apply(inEpoch - first);
  }

  /**
   * The part of a window that a reader of some positions needs.
   *
   * @param positions which; asked about every position of the window
   */
  public WindowPart part(long window, LongPredicate positions) {
    long epoch = window / windowsPerEpoch;
    long shortSlot = shortSlot(epoch);
    long first = windowStart(window % windowsPerEpoch, shortSlot);
    long size = windowStart(window % windowsPerEpoch + 1, shortSlot) - first;
    Permutation within = within(window, size);
    int[] offsets =
        LongStream.range(0, size)
            .filter(i -> positions.test(epoch * numSequences + first + i))
            .mapToInt(i -> (int) within.apply(i))
            .sorted()
            .toArray();
    return WindowPart.of(offsets, ranges(window));
  }

  /** The runs of sequences that make up a window. */
  public List<SequenceRange> ranges(long window) {
    long epoch = window / windowsPerEpoch;
    long firstSlot = window % windowsPerEpoch * layout.blocksPerWindow();
    long lastSlot = Math.min(firstSlot + layout.blocksPerWindow(), numBlocks);
    Permutation blocks = blocks(epoch);
    List<SequenceRange> ranges = new ArrayList<>();
    for (long slot = firstSlot; slot < lastSlot; slot++) {
      long first = blocks.apply(slot) * layout.sequencesPerBlock();
      long count = Math.min(layout.sequencesPerBlock(), numSequences - first);
      ranges.add(new SequenceRange(first, (int) count));
    }
    return ranges;
  }

  private Permutation blocks(long epoch) {
    return new Permutation(numBlocks, key(epoch, BLOCKS));
  }

  private Permutation within(long window, long size) {
    return new Permutation(size, key(window, WITHIN_WINDOW));
  }

  private long key(long number, int purpose) {
    return Permutation.mix(seed, number, purpose);
  }

  /** Where in the epoch the last block of the data comes, the only one that may be short. */
  private long shortSlot(long epoch) {
    return blocks(epoch).invert(numBlocks - 1);
  }

  private long windowInEpoch(long inEpoch, long shortSlot) {
    long windowSize = (long) layout.blocksPerWindow() * layout.sequencesPerBlock();
    long window = inEpoch / windowSize;
    // The short block moves all windows behind it forward, by less than one window.
    return inEpoch < windowStart(window + 1, shortSlot) ? window : window + 1;
  }

  private long windowStart(long window, long shortSlot) {
    long slot = Math.min(window * layout.blocksPerWindow(), numBlocks);
    long missing = numBlocks * layout.sequencesPerBlock() - numSequences;
    return slot * layout.sequencesPerBlock() - (slot > shortSlot ? missing : 0);
  }

  private static long ceilDiv(long a, long b) {
    return (a + b - 1) / b;
  }
}
