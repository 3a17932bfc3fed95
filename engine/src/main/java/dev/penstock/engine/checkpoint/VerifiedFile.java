package dev.penstock.engine.checkpoint;

import dev.penstock.storage.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * An open file of a checkpoint. No byte is handed out whose piece does not have its checksum. Used
 * by one thread.
 */
final class VerifiedFile implements AutoCloseable {
  private final StoredFile description;
  private final String file;
  private final SeekableByteChannel channel;
  private final ByteBuffer chunk;
  private long current = -1;

  private VerifiedFile(StoredFile description, String file, SeekableByteChannel channel) {
    this.description = description;
    this.file = file;
    this.channel = channel;
    chunk = ByteBuffer.allocate(description.chunkBytes());
  }

  /**
   * Opens a file.
   *
   * @throws CheckpointException if it does not have the length that it was written with
   */
  static VerifiedFile open(FileSource folder, String path, StoredFile description)
      throws IOException {
    String file = folder.location() + "/" + path;
    long length = folder.length(path);
    if (length != description.bytes()) {
      throw new CheckpointException(
          String.format(
              Locale.ROOT,
              "%s has %d bytes, but was written with %d: it is damaged.",
              file,
              length,
              description.bytes()));
    }
    return new VerifiedFile(description, file, folder.open(path));
  }

  /** Takes pieces of bytes. */
  interface Sink {
    /**
     * @param from where the bytes are, from the first one asked for
     */
    void accept(long from, ByteBuffer bytes);
  }

  /** Hands out a range of bytes in pieces, in order. */
  void read(long position, long count, Sink sink) throws IOException {
    long at = position;
    long end = position + count;
    while (at < end) {
      long number = at / description.chunkBytes();
      load(number);
      long begin = number * description.chunkBytes();
      int length = (int) Math.min(end - at, begin + chunk.limit() - at);
      sink.accept(at - position, chunk.slice((int) (at - begin), length));
      at += length;
    }
  }

  /**
   * Reads every piece.
   *
   * @throws CheckpointException if one is damaged
   */
  void verify() throws IOException {
    for (long number = 0; number < description.checksums().size(); number++) {
      load(number);
    }
  }

  private void load(long number) throws IOException {
    if (number == current) {
      return;
    }
    current = -1;
    long begin = number * description.chunkBytes();
    chunk.clear().limit((int) Math.min(chunk.capacity(), description.bytes() - begin));
    channel.position(begin);
    while (chunk.hasRemaining()) {
      if (channel.read(chunk) < 0) {
        throw damaged(begin, "it ends too early");
      }
    }
    chunk.flip();
    CRC32C checksum = new CRC32C();
    checksum.update(chunk.duplicate());
    long expected = description.checksums().get(Math.toIntExact(number));
    if (checksum.getValue() != expected) {
      throw damaged(
          begin,
          String.format(
              Locale.ROOT, "CRC-32C is %08x, written was %08x", checksum.getValue(), expected));
    }
    current = number;
  }

  private CheckpointException damaged(long begin, String how) {
    return new CheckpointException(
        String.format(
            Locale.ROOT, "%s is damaged in the piece from byte %d on: %s.", file, begin, how));
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
