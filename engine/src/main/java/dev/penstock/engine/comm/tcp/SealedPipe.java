package dev.penstock.engine.comm.tcp;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypted and authenticated by AES-GCM, in records that the reader cuts as the writer did: each
 * buffer is one or more records. A key serves one direction of one connection, and the number of
 * the record is its nonce, so none is used twice and none can be left out or repeated.
 */
final class SealedPipe extends Pipe {
  /** Bytes of a record but the last of a buffer. */
  static final int RECORD = 1 << 18;

  private static final int TAG = 16;
  private static final int NONCE = 12;

  private final Direction writing;
  private final Direction reading;

  SealedPipe(SocketChannel channel, byte[] writeKey, byte[] readKey) {
    super(channel);
    writing = new Direction(Cipher.ENCRYPT_MODE, writeKey);
    reading = new Direction(Cipher.DECRYPT_MODE, readKey);
  }

  /**
   * One direction: its key, where its records have got to, and room for one of them. The cipher
   * makes garbage of every buffer that is not an array.
   */
  private static final class Direction {
    private final int mode;
    private final SecretKeySpec key;
    private final ByteBuffer wire = ByteBuffer.allocateDirect(RECORD + TAG);
    private final byte[] plain = new byte[RECORD];
    private final byte[] sealed = new byte[RECORD + TAG];
    private final Cipher cipher;
    private long records;

    Direction(int mode, byte[] key) {
      this.mode = mode;
      this.key = new SecretKeySpec(key, "AES");
      try {
        cipher = Cipher.getInstance("AES/GCM/NoPadding");
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException("Every Java has AES-GCM", e);
      }
    }

    void apply(byte[] from, int length, byte[] to) throws IOException {
      ByteBuffer nonce = ByteBuffer.allocate(NONCE).putLong(NONCE - Long.BYTES, records++);
      try {
        cipher.init(mode, key, new GCMParameterSpec(8 * TAG, nonce.array()));
        cipher.doFinal(from, 0, length, to, 0);
      } catch (GeneralSecurityException e) {
        throw (IOException) new ProtocolException("A record was altered.").initCause(e);
      }
    }
  }

  @Override
  void write(ByteBuffer... parts) throws IOException {
    for (ByteBuffer part : parts) {
      while (part.hasRemaining()) {
        int length = Math.min(RECORD, part.remaining());
        part.get(writing.plain, 0, length);
        writing.apply(writing.plain, length, writing.sealed);
        super.write(writing.wire.clear().put(writing.sealed, 0, length + TAG).flip());
      }
    }
  }

  @Override
  void read(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      int length = Math.min(RECORD, buffer.remaining());
      super.read(reading.wire.clear().limit(length + TAG));
      reading.wire.flip().get(reading.sealed, 0, length + TAG);
      reading.apply(reading.sealed, length + TAG, reading.plain);
      buffer.put(reading.plain, 0, length);
    }
  }
}
