package dev.penstock.datasets.order;

import dev.penstock.datasets.DatasetException;
import java.io.Serializable;
import java.util.Locale;

/**
 * How coarsely data are shuffled, so that storage is read in runs rather than row by row. Part of
 * what the order depends on, and so stored with the data.
 *
 * @param sequencesPerBlock sequences that lie side by side and are read together
 * @param blocksPerWindow blocks from all over the data that are mixed with each other
 */
public record BlockLayout(int sequencesPerBlock, int blocksPerWindow) implements Serializable {
  private static final int BLOCK_BYTES = 256 << 10;
  private static final int BLOCKS_PER_WINDOW = 64;

  public BlockLayout {
    if (sequencesPerBlock < 1
        || blocksPerWindow < 1
        || (long) sequencesPerBlock * blocksPerWindow > Integer.MAX_VALUE) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("A block of %d sequences and a window of %d blocks are not possible: both must be "
                  + "at least 1, and a window must have less than 2^31 sequences."),
              sequencesPerBlock,
              blocksPerWindow));
    }
  }

  /** Blocks of about 256 KiB and windows of about 16 MiB, not counting weights. */
  public static BlockLayout forSeqLength(int seqLength) {
    return new BlockLayout(
        (int) Math.max(1, BLOCK_BYTES / ((long) Integer.BYTES * seqLength)), BLOCKS_PER_WINDOW);
  }
}
