package dev.penstock.engine.safetensors;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** Bytes in memory as a file that is read, a few at a time, and counted. */
final class TestingByteChannel implements SeekableByteChannel {
  private static final int MOST_AT_ONCE = 1000;

  private final byte[] bytes;
  private long position;
  private long bytesRead;
  private boolean open = true;

  TestingByteChannel(byte[] bytes) {
    this.bytes = bytes;
  }

  long bytesRead() {
    return bytesRead;
  }

  @Override
  public int read(ByteBuffer target) {
    if (position >= bytes.length) {
      return -1;
    }
    int length =
        (int) Math.min(Math.min(target.remaining(), MOST_AT_ONCE), bytes.length - position);
    target.put(bytes, (int) position, length);
    position += length;
    bytesRead += length;
    return length;
  }

  @Override
  public int write(ByteBuffer source) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long newPosition) {
    position = newPosition;
    return this;
  }

  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new UnsupportedOperationException("read only");
  }

  @Override
  public boolean isOpen() {
    return open;
  }

  @Override
  public void close() {
    open = false;
  }
}
