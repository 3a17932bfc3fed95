package dev.penstock.engine.schedule.draw;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * The bytes of a PNG file (ISO/IEC 15948): 8-bit RGB, one compressed chunk. Written here because
 * javax.imageio looks for plug-ins on start, which would take longer than the drawing.
 */
final class PngEncoder {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final byte BITS_PER_CHANNEL = 8;
  private static final byte RGB = 2;

  /** Scan lines are stored as differences to the pixel on the left: boxes become zeros. */
  private static final byte FILTER_SUB = 1;

  private PngEncoder() {}

  static byte[] encode(BufferedImage image) {
    ByteBuffer header = ByteBuffer.allocate(13);
    header.putInt(image.getWidth()).putInt(image.getHeight());
    header.put(BITS_PER_CHANNEL).put(RGB).put((byte) 0).put((byte) 0).put((byte) 0);
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    png.writeBytes(SIGNATURE);
    writeChunk(png, "IHDR", header.array());
    writeChunk(png, "IDAT", compress(scanLines(image)));
    writeChunk(png, "IEND", new byte[0]);
    return png.toByteArray();
  }

  private static byte[] scanLines(BufferedImage image) {
    int width = image.getWidth();
    byte[] lines = new byte[Math.multiplyExact(image.getHeight(), 1 + 3 * width)];
    int[] pixels = new int[width];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, pixels, 0, width);
      lines[at++] = FILTER_SUB;
      int left = 0;
      for (int pixel : pixels) {
        for (int shift = 16; shift >= 0; shift -= 8) {
          lines[at++] = (byte) ((pixel >> shift) - (left >> shift));
        }
        left = pixel;
      }
    }
    return lines;
  }

  private static byte[] compress(byte[] data) {
    Deflater deflater = new Deflater();
    try {
      deflater.setInput(data);
      deflater.finish();
      ByteArrayOutputStream compressed = new ByteArrayOutputStream();
      byte[] buffer = new byte[1 << 16];
      while (!deflater.finished()) {
        compressed.write(buffer, 0, deflater.deflate(buffer));
      }
      return compressed.toByteArray();
    } finally {
      deflater.end();
    }
  }

  private static void writeChunk(ByteArrayOutputStream png, String type, byte[] data) {
    ByteBuffer chunk = ByteBuffer.allocate(12 + data.length);
    chunk.putInt(data.length);
    chunk.put(type.getBytes(StandardCharsets.US_ASCII)).put(data);
    CRC32 crc = new CRC32();
    crc.update(chunk.array(), 4, 4 + data.length);
    png.writeBytes(chunk.putInt((int) crc.getValue()).array());
  }
}
