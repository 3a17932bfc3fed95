package dev.penstock.datasets.shard;

import dev.penstock.datasets.DatasetException;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32;

/** Reads records of one shard file. Used by one thread at a time. Closing it closes the file. */
final class ShardReader implements AutoCloseable {
  /** A file channel keeps a native buffer as large as the largest read into the heap. */
  private static final int CHUNK_BYTES = 4 << 20;

  private final String path;
  private final ShardInfo info;
  private final ShardFormat format;
  private final SeekableByteChannel channel;

  private ShardReader(
      String path, ShardInfo info, ShardFormat format, SeekableByteChannel channel) {
    this.path = path;
    this.info = info;
    this.format = format;
    this.channel = channel;
  }

  /** Opens a shard and checks that it is the one that the manifest means. */
  static ShardReader open(Folder store, ShardInfo info, ShardFormat format) throws IOException {
    String path = store.location() + "/" + info.name();
    long length = store.length(info.name());
    if (length != info.length()) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("%s has %d bytes, but the manifest says %d (%d sequences). The file was truncated "
                  + "or replaced: ingest the texts again."),
              path,
              length,
              info.length(),
              info.sequences()));
    }
    ShardReader reader = new ShardReader(path, info, format, store.open(info.name()));
    try {
      reader.checkEnds();
    } catch (IOException | RuntimeException e) {
      try (reader) {
        throw e;
      }
    }
    return reader;
  }

  /**
   * Reads records that lie side by side.
   *
   * @param first number of the first record
   * @param count how many
   * @param target where they go
   * @param offset place in {@code target} of the first
   */
  void read(long first, int count, byte[] target, int offset) throws IOException {
    int bytes = count * format.recordBytes();
    fill(format.position(first), ByteBuffer.wrap(target, offset, bytes));
    for (int i = 0; i < count; i++) {
      if (!format.isIntact(first + i, target, offset + i * format.recordBytes())) {
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                "%s: sequence %d is damaged (its checksum differs). Ingest the texts again.",
                path,
                first + i));
      }
    }
  }

  /** Reads the whole file and compares its checksum with the manifest's. */
  void verify() throws IOException {
    CRC32 crc = new CRC32();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    for (long position = 0; position < info.length(); position += chunk.limit()) {
      chunk.clear().limit((int) Math.min(CHUNK_BYTES, info.length() - position));
      fill(position, chunk);
      crc.update(chunk.flip());
    }
    if ((int) crc.getValue() != info.checksum()) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "%s has the checksum %08x, but the manifest says %08x. Ingest the texts again.",
              path,
              (int) crc.getValue(),
              info.checksum()));
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void checkEnds() throws IOException {
    ByteBuffer header = ByteBuffer.wrap(bytes(0, ShardFormat.HEADER_BYTES));
    header.order(ByteOrder.LITTLE_ENDIAN);
    long magic = header.getLong();
    int version = header.getInt();
    if (magic != ShardFormat.MAGIC || version != ShardFormat.VERSION) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "%s is no token shard of version %d (magic %016x, version %d). Ingest the texts again.",
              path,
              ShardFormat.VERSION,
              magic,
              version));
    }
    int seqLength = header.getInt();
    int vocabSize = header.getInt();
    int flags = header.getInt();
    if ((flags & ~ShardFormat.WEIGHTED) != 0) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              ("%s has the flags %#x, of which %#x (it has weights) is the only one known. It is damaged"
                  + " or of another release: ingest the texts again."),
              path,
              flags,
              ShardFormat.WEIGHTED));
    }
    ShardFormat found = new ShardFormat(seqLength, vocabSize, flags != 0);
    if (!found.equals(format)) {
      throw new DatasetException(
          "%s is a shard with %s, but the manifest says %s. It belongs to other data: ingest the texts again."
              .formatted(path, describe(found), describe(format)));
    }
    if (info.length() != format.fileBytes(info.sequences())) {
      throw notTheEnd();
    }
    byte[] footer = bytes(info.length() - ShardFormat.FOOTER_BYTES, ShardFormat.FOOTER_BYTES);
    if (!Arrays.equals(footer, format.footer(info.sequences()))) {
      throw notTheEnd();
    }
  }

  private DatasetException notTheEnd() {
    return new DatasetException(
        String.format(
            Locale.ROOT,
            "%s does not end as a shard of %d sequences should. It is damaged: ingest the texts again.",
            path,
            info.sequences()));
  }

  private static String describe(ShardFormat format) {
    return String.format(
        Locale.ROOT,
        "seqLength %d, a vocabulary of %d and %sweights",
        format.seqLength(),
        format.vocabSize(),
        format.weighted() ? "" : "no ");
  }

  private byte[] bytes(long position, int length) throws IOException {
    byte[] bytes = new byte[length];
    fill(position, ByteBuffer.wrap(bytes));
    return bytes;
  }

  private void fill(long position, ByteBuffer target) throws IOException {
    channel.position(position);
    int limit = target.limit();
    while (target.position() < limit) {
      target.limit((int) Math.min(limit, (long) target.position() + CHUNK_BYTES));
      if (channel.read(target) < 0) {
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                "%s ended while it was read, at byte %d of %d. Ingest the texts again.",
                path,
                channel.position(),
                info.length()));
      }
    }
  }
}
