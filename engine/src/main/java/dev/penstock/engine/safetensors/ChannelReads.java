package dev.penstock.engine.safetensors;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Locale;

/** Reads that fill their buffer or fail. */
final class ChannelReads {
  /**
   * Most bytes asked for at once: a file channel keeps a native buffer as large as the largest read
   * into a heap buffer.
   */
  private static final int CHUNK_BYTES = 4 << 20;

  private ChannelReads() {}

  static void fully(SeekableByteChannel channel, long position, ByteBuffer target, String file)
      throws IOException {
    channel.position(position);
    int limit = target.limit();
    int start = target.position();
    try {
      while (target.position() < limit) {
        target.limit((int) Math.min(limit, (long) target.position() + CHUNK_BYTES));
        if (channel.read(target) < 0) {
          throw new SafetensorsException(
              String.format(
                  Locale.ROOT,
                  ("%s ends at byte %d, %d bytes before it should. It was truncated, or replaced "
                      + "while it was read: copy or download it again."),
                  file,
                  position + target.position() - start,
                  limit - target.position()));
        }
      }
    } finally {
      target.limit(limit);
    }
  }
}
