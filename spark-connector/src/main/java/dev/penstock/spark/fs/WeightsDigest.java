package dev.penstock.spark.fs;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * Tells weights apart by what is in their files, without reading gigabytes: names, lengths, and of
 * each file the beginning, which has the names and shapes of the tensors, the end, and pieces in
 * between. Training changes nearly every number, so other weights differ in some piece; a copy of
 * the files elsewhere, or another time of writing, makes no difference.
 */
final class WeightsDigest {
  private static final int PIECE_BYTES = 64 << 10;
  private static final int PIECES = 16;

  private final MessageDigest digest = sha256();

  /** Adds the weights of a folder. */
  void add(HadoopFolder folder) throws IOException {
    for (String name : folder.list()) {
      if (name.endsWith(".safetensors")) {
        long length = folder.length(name);
        digest.update((name + " " + length + "\n").getBytes(StandardCharsets.UTF_8));
        try (SeekableByteChannel file = folder.open(name)) {
          add(file, length);
        }
      }
    }
  }

  private void add(SeekableByteChannel file, long length) throws IOException {
    if (length <= (long) PIECES * PIECE_BYTES) {
      for (long at = 0; at < length; at += PIECE_BYTES) {
        addPiece(file, at, length);
      }
      return;
    }
    for (int piece = 0; piece < PIECES; piece++) {
      addPiece(file, (length - PIECE_BYTES) / (PIECES - 1) * piece, length);
    }
    addPiece(file, length - PIECE_BYTES, length);
  }

  private void addPiece(SeekableByteChannel file, long at, long length) throws IOException {
    ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE_BYTES, length - at));
    file.position(at);
    while (piece.hasRemaining()) {
      if (file.read(piece) < 0) {
        throw new EOFException(
            String.format(Locale.ROOT, "The file ends at byte %d of %d.", at, length));
      }
    }
    digest.update(piece.flip());
  }

  /** What was added, in hexadecimal digits. */
  String finish() {
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }
}
