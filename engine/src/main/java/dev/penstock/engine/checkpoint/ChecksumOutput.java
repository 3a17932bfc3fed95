package dev.penstock.engine.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;

/**
 * Counts what goes through it and takes a checksum of each piece. The target stays the caller's.
 */
final class ChecksumOutput extends OutputStream {
  /** Pieces that readers check one by one: small beside a tensor, large beside a request. */
  static final int CHUNK_BYTES = 1 << 20;

  private final OutputStream target;
  private final BooleanSupplier givenUp;
  private final CRC32C checksum = new CRC32C();
  private final List<Long> checksums = new ArrayList<>();
  private long bytes;
  private int inChunk;

  /**
   * @param givenUp asked before each piece: whether to fail instead of writing on
   */
  ChecksumOutput(OutputStream target, BooleanSupplier givenUp) {
    this.target = target;
    this.givenUp = givenUp;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    int at = offset;
    while (at < offset + length) {
      if (givenUp.getAsBoolean()) {
        throw new IOException("Writing was given up.");
      }
      int count = Math.min(CHUNK_BYTES - inChunk, offset + length - at);
      target.write(source, at, count);
      checksum.update(source, at, count);
      at += count;
      bytes += count;
      inChunk += count;
      if (inChunk == CHUNK_BYTES) {
        endChunk();
      }
    }
  }

  private void endChunk() {
    checksums.add(checksum.getValue());
    checksum.reset();
    inChunk = 0;
  }

  @Override
  public void flush() throws IOException {
    target.flush();
  }

  /** What was written, once that is all. */
  StoredFile describe(String name, List<StoredSlice> slices) {
    if (inChunk > 0) {
      endChunk();
    }
    return new StoredFile(name, bytes, CHUNK_BYTES, checksums, slices);
  }
}
