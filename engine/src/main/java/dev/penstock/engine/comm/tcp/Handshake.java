package dev.penstock.engine.comm.tcp;

import dev.penstock.engine.comm.RunSecret;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.ProtocolException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;

/**
 * How two ranks prove to each other that they belong to one run. Each answers what the other made
 * up just now, so that what was overheard serves nobody; all messages have a fixed length, so that
 * no stranger has memory taken.
 *
 * @param peer the other rank
 * @param dialled whether this rank called
 * @param nonces of both, in the caller's order: the keys of this connection follow from them
 */
record Handshake(int peer, boolean dialled, byte[] nonces) {
  /** A member answers at once: a stranger must not stay. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final byte[] MAGIC = ascii("penstok1");
  private static final byte[] CALLER = ascii("call");
  private static final byte[] DOOR = ascii("door");
  private static final byte[] KEY = ascii("key:");
  private static final int NONCE = 32;
  private static final SecureRandom RANDOM = new SecureRandom();

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** As the rank that calls. */
  static Handshake dial(Socket socket, RunSecret secret, int self, int peer) throws IOException {
    DataInputStream in = open(socket);
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    byte[] own = nonce();
    out.write(join(MAGIC, own));
    byte[] nonces = join(own, in.readNBytes(NONCE));
    byte[] ranks = ranks(self, peer);
    out.write(join(ranks, secret.derive(CALLER, nonces, ranks)));
    check(in.readNBytes(NONCE), secret.derive(DOOR, nonces, ranks));
    return new Handshake(peer, true, nonces);
  }

  /**
   * As the rank that is called.
   *
   * @throws IOException if it is not by a rank of this run that has a higher number
   */
  static Handshake answer(Socket socket, RunSecret secret, int self, int size) throws IOException {
    DataInputStream in = open(socket);
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    check(in.readNBytes(MAGIC.length), MAGIC);
    byte[] callers = in.readNBytes(NONCE);
    byte[] own = nonce();
    out.write(own);
    byte[] nonces = join(callers, own);
    byte[] ranks = in.readNBytes(2 * Integer.BYTES);
    check(in.readNBytes(NONCE), secret.derive(CALLER, nonces, ranks));
    ByteBuffer numbers = ByteBuffer.wrap(ranks);
    int peer = numbers.getInt();
    if (numbers.getInt() != self || peer <= self || peer >= size) {
      throw new ProtocolException("The caller means another rank.");
    }
    out.write(secret.derive(DOOR, nonces, ranks));
    return new Handshake(peer, false, nonces);
  }

  /** The key of what the caller, or else the called one, writes. */
  byte[] key(RunSecret secret, boolean callers) {
    return secret.derive(KEY, new byte[] {(byte) (callers ? 1 : 0)}, nonces);
  }

  private static DataInputStream open(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    socket.setSoTimeout(Math.toIntExact(PATIENCE.toMillis()));
    return new DataInputStream(socket.getInputStream());
  }

  private static void check(byte[] told, byte[] expected) throws ProtocolException {
    if (!MessageDigest.isEqual(told, expected)) {
      throw new ProtocolException("The other side is no rank of this run.");
    }
  }

  private static byte[] nonce() {
    byte[] nonce = new byte[NONCE];
    RANDOM.nextBytes(nonce);
    return nonce;
  }

  private static byte[] ranks(int caller, int called) {
    return ByteBuffer.allocate(2 * Integer.BYTES).putInt(caller).putInt(called).array();
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
