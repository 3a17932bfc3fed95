package dev.penstock.engine.safetensors;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/**
 * Bytes in memory as a file that is read, a few at a time, and counted. The file may go on behind
 * them, each byte telling its own position.
 */
final class TestingByteChannel implements SeekableByteChannel {
  private static final int MOST_AT_ONCE = 1000;

  private final byte[] bytes;
  private final long length;
  private long position;
  private long bytesRead;
  private boolean open = true;

  TestingByteChannel(byte[] bytes) {
    this(bytes, bytes.length);
  }

  TestingByteChannel(byte[] bytes, long length) {
    this.bytes = bytes;
    this.length = length;
  }

  long bytesRead() {
    return bytesRead;
  }

  @Override
  public int read(ByteBuffer target) {
    if (position >= length) {
      return -1;
    }
    int count = (int) Math.min(Math.min(target.remaining(), MOST_AT_ONCE), length - position);
    for (int i = 0; i < count; i++, position++) {
      target.put(position < bytes.length ? bytes[(int) position] : (byte) position);
    }
    bytesRead += count;
    return count;
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
    return length;
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
