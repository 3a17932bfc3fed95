package dev.penstock.engine.comm.tcp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** Bytes to and from a peer. One thread writes and one reads. */
class Pipe {
  private final SocketChannel channel;
  private volatile long lastHeard = System.nanoTime();

  Pipe(SocketChannel channel) {
    this.channel = channel;
  }

  /** Writes all of the buffers. */
  void write(ByteBuffer... parts) throws IOException {
    long left = 0;
    for (ByteBuffer part : parts) {
      left += part.remaining();
    }
    while (left > 0) {
      left -= channel.write(parts);
    }
  }

  /** Fills the buffer. */
  void read(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the connection ended");
      }
      lastHeard = System.nanoTime();
    }
  }

  /** When the last bytes came, as {@link System#nanoTime} counts. */
  final long lastHeard() {
    return lastHeard;
  }

  /** Forgets how long nothing came: this process itself stood still. */
  final void forgive() {
    lastHeard = System.nanoTime();
  }

  final void close() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is of no use any more, whatever becomes of it.
    }
  }
}
