package dev.penstock.spark.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A {@link MarkedText} with the hash of its text, which says its place, as one string: {@code <16
 * hex digits><row>}. So sorted by hash, then by weight, then by text. Further rows of one text get
 * places of their own, or they would be neighbours.
 */
final class RowKey {
  private static final int HASH_DIGITS = 16;

  private RowKey() {}

  static String of(String row) {
    byte[] digest = sha256().digest(MarkedText.text(row).getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits(ByteBuffer.wrap(digest).getLong()) + row;
  }

  /** The key of a further row of a text, the {@code ordinal}-th from 1. */
  static String again(String key, long ordinal) {
    String place = key.substring(0, HASH_DIGITS) + Long.toHexString(ordinal);
    byte[] digest = sha256().digest(place.getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().toHexDigits(ByteBuffer.wrap(digest).getLong()) + row(key);
  }

  /** Whether two keys that {@link #of} made are those of one text. */
  static boolean sameText(String key, String other) {
    return key.regionMatches(0, other, 0, HASH_DIGITS)
        && MarkedText.text(row(key)).equals(MarkedText.text(row(other)));
  }

  static String row(String key) {
    return key.substring(HASH_DIGITS);
  }

  static int shard(String key, int numShards) {
    long hash = HexFormat.fromHexDigitsToLong(key, 0, HASH_DIGITS);
    return (int) Long.remainderUnsigned(hash, numShards);
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
