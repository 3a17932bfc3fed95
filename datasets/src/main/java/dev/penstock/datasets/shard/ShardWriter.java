package dev.penstock.datasets.shard;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.SequenceSink;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.storage.FileOutput;
import dev.penstock.storage.Folder;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * Writes one shard file, sequence by sequence. Used by one thread. Closed without {@link #finish}
 * it leaves none. The store stays the caller's.
 */
public final class ShardWriter implements SequenceSink, AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 20;

  private final String name;
  private final ShardFormat format;
  private final FileOutput file;
  private final OutputStream out;

  /**
   * Not CRC-32C: a record and its CRC-32C together add the same to that, whatever the record is.
   */
  private final CRC32 checksum = new CRC32();

  private long sequences;

  private ShardWriter(String name, ShardFormat format, FileOutput file) {
    this.name = name;
    this.format = format;
    this.file = file;
    this.out = new BufferedOutputStream(file, BUFFER_BYTES);
  }

  /**
   * Begins a file.
   *
   * @param store where it goes
   * @param name its name
   * @param seqLength tokens of every sequence
   * @param vocabSize number all ids must be below
   * @param weighted whether sequences may have weights, which makes the file about twice as large
   */
  public static ShardWriter create(
      Folder store, String name, int seqLength, int vocabSize, boolean weighted)
      throws IOException {
    requireNonNull(store, "store is null");
    ShardFormat format = new ShardFormat(seqLength, vocabSize, weighted);
    ShardWriter writer = new ShardWriter(name, format, store.create(name));
    try {
      writer.write(writer.format.header());
    } catch (IOException | RuntimeException e) {
      try (writer) {
        throw e;
      }
    }
    return writer;
  }

  @Override
  public void accept(TokenSequence sequence) throws IOException {
    check(sequence);
    write(format.encode(sequence, sequences));
    sequences++;
  }

  /** Completes and publishes the file. */
  public ShardInfo finish() throws IOException {
    write(format.footer(sequences));
    out.flush();
    file.commit();
    return new ShardInfo(name, sequences, format.fileBytes(sequences), (int) checksum.getValue());
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private void write(byte[] bytes) throws IOException {
    checksum.update(bytes);
    out.write(bytes);
  }

  private void check(TokenSequence sequence) {
    if (sequence.length() != format.seqLength()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s takes sequences of %d tokens, but one of %d came.",
              name,
              format.seqLength(),
              sequence.length()));
    }
    if (sequence.weights() != null && !format.weighted()) {
      throw new IllegalArgumentException(
          "%s takes sequences without weights, but one with weights came.".formatted(name));
    }
    for (int i = 0; i < sequence.length(); i++) {
      int id = sequence.ids()[i];
      int label = sequence.labels()[i];
      if (id < 0 || id >= format.vocabSize()) {
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                ("Token id %d at position %d of sequence %d is not in the vocabulary of %d "
                    + "tokens. Use the tokenizer of the model."),
                id,
                i,
                sequences,
                format.vocabSize()));
      }
      if (label != id && label != TokenSequence.IGNORE) {
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                ("The label at position %d of sequence %d is %d, but must be its token %d or %d: "
                    + "labels are not shifted."),
                i,
                sequences,
                label,
                id,
                TokenSequence.IGNORE));
      }
    }
  }
}
