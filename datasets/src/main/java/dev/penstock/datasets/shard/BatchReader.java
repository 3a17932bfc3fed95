package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.order.SequenceOrder;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.Locale;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;

/**
 * Reads the rows of each optimizer step in the order that the seed gives: what a step reads is a
 * pure function of the data, the seed, the step and the size of the global batch. Of that batch it
 * reads the rows of one replica and leaves the bytes of all others alone. Holds its part of two
 * windows of the order in memory, at most about 32 MiB or twice that with weights, of which one is
 * read ahead by a thread of its own. Used by one thread. Closing it ends that thread and closes the
 * files; the store stays the caller's.
 */
public final class BatchReader implements AutoCloseable {
  private final ShardManifest manifest;
  private final RowDecoder decoder;
  private final SequenceOrder order;
  private final int globalBatchSize;
  private final int firstReplicaRow;
  private final int numReplicaRows;
  private final WindowLoader loader;

  private BatchReader(
      ShardManifest manifest,
      SequenceOrder order,
      int globalBatchSize,
      int firstReplicaRow,
      int numReplicaRows,
      WindowLoader loader) {
    this.manifest = manifest;
    this.decoder = new RowDecoder(manifest.format(), manifest.padToMultipleOf());
    this.order = order;
    this.globalBatchSize = globalBatchSize;
    this.firstReplicaRow = firstReplicaRow;
    this.numReplicaRows = numReplicaRows;
    this.loader = loader;
  }

  /**
   * Opens ingested data for a replica.
   *
   * @param store the folder of the shards; used by the reader's thread until it is closed
   * @param seed seed of the order
   * @param globalBatchSize rows of one optimizer step, over all replicas
   * @param firstReplicaRow the first of them that the replica reads
   * @param numReplicaRows how many it reads
   * @throws dev.penstock.datasets.DatasetException if the folder is incomplete or has no sequences
   */
  public static BatchReader open(
      Folder store, long seed, int globalBatchSize, int firstReplicaRow, int numReplicaRows)
      throws IOException {
    if (firstReplicaRow < 0
        || numReplicaRows < 1
        || firstReplicaRow > globalBatchSize - numReplicaRows) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A replica with %d rows from row %d on is not within a global batch of %d rows.",
              numReplicaRows,
              firstReplicaRow,
              globalBatchSize));
    }
    ShardManifest manifest = ShardManifest.read(store);
    checkWindow(manifest.format(), manifest.layout(), manifest.numSequences(), store.location());
    SequenceOrder order = new SequenceOrder(manifest.numSequences(), manifest.layout(), seed);
    ShardedSequences sequences = new ShardedSequences(store, manifest.shards(), manifest.format());
    LongPredicate positions =
        position -> {
          long row = position % globalBatchSize - firstReplicaRow;
          return row >= 0 && row < numReplicaRows;
        };
    return new BatchReader(
        manifest,
        order,
        globalBatchSize,
        firstReplicaRow,
        numReplicaRows,
        new WindowLoader(source(sequences, order, positions), store.location()));
  }

  /** Asks about positions on the loader's thread. */
  private static WindowSource source(
      ShardedSequences sequences, SequenceOrder order, LongPredicate positions) {
    return new WindowSource() {
      @Override
      public LoadedWindow read(long window) throws IOException {
        return sequences.load(order.part(window, positions));
      }

      @Override
      public void close() throws IOException {
        sequences.close();
      }
    };
  }

  /** A window is read into one array, so it must fit there. */
  static void checkWindow(ShardFormat format, BlockLayout layout, long sequences, String location) {
    long rows = (long) layout.sequencesPerBlock() * layout.blocksPerWindow();
    long bytes = Math.min(rows, sequences) * (long) format.recordBytes();
    if (bytes > Integer.MAX_VALUE) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("The data in %s are shuffled in windows of %d sequences of %d tokens, %d bytes, which do"
                  + " not fit into memory. Ingest the texts again, or with a smaller seqLength."),
              location,
              rows,
              format.seqLength(),
              bytes));
    }
  }

  /** What the data are. */
  public ShardManifest manifest() {
    return manifest;
  }

  /**
   * The rows {@code firstRow} to {@code firstRow + numRows - 1} of the global batch of a step, all
   * of them the replica's.
   *
   * @param step optimizer step from 0; steps beyond an epoch read the next epoch's order
   * @throws dev.penstock.datasets.DatasetException if the data are damaged or cannot be read
   */
  public TokenRows read(long step, int firstRow, int numRows) {
    long row = (long) firstRow - firstReplicaRow;
    if (step < 0 || row < 0 || numRows < 0 || row + numRows > numReplicaRows) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Rows %d to %d of step %d are not those of this replica, %d to %d of each batch.",
              firstRow,
              firstRow + numRows - 1,
              step,
              firstReplicaRow,
              firstReplicaRow + numReplicaRows - 1));
    }
    return decoder.decode(
        IntStream.range(0, numRows)
            .mapToObj(i -> place(step * globalBatchSize + firstRow + i))
            .toList());
  }

  private RowDecoder.Place place(long position) {
    long window = order.windowAt(position);
    return decoder.place(loader.load(window, window + 1), order.offsetInWindow(position));
  }

  @Override
  public void close() {
    loader.close();
  }
}
