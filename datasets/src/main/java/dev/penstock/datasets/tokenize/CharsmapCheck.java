package dev.penstock.datasets.tokenize;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;

/**
 * Checks a map of characters as sentencepiece compiles it: a little-endian number of bytes, a
 * double array of so many bytes, and the texts that it points to. The native library follows it
 * without looking, so each state that can be reached is visited here first.
 */
final class CharsmapCheck {
  private static final int LARGEST_BYTE = 255;

  private final int[] units;
  private final byte[] texts;
  private final String where;

  private CharsmapCheck(int[] units, byte[] texts, String where) {
    this.units = units;
    this.texts = texts;
    this.where = where;
  }

  static void check(JsonNode charsmap, String where) {
    ByteBuffer bytes = ByteBuffer.wrap(decode(charsmap, where)).order(ByteOrder.LITTLE_ENDIAN);
    long size = bytes.remaining() < Integer.BYTES ? -1 : Integer.toUnsignedLong(bytes.getInt());
    if (size < Integer.BYTES || size > bytes.remaining()) {
      throw JsonFields.refused(where, "has a charsmap that does not have the size that it says");
    }
    int[] units = new int[(int) (size / Integer.BYTES)];
    bytes.asIntBuffer().get(units);
    bytes.position(bytes.position() + units.length * Integer.BYTES);
    byte[] texts = new byte[bytes.remaining()];
    bytes.get(texts);
    try {
      CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(texts));
      new CharsmapCheck(units, texts, where).visit(decoded.length());
    } catch (CharacterCodingException e) {
      throw JsonFields.refused(where, "has a charsmap whose texts are no UTF-8");
    }
  }

  private static byte[] decode(JsonNode charsmap, String where) {
    try {
      String text = charsmap.isTextual() ? charsmap.textValue() : "?";
      byte[] bytes = Base64.getDecoder().decode(text);
      if (Base64.getEncoder().encodeToString(bytes).equals(text)) {
        return bytes;
      }
    } catch (IllegalArgumentException e) {
      // refused below
    }
    throw JsonFields.refused(where, "has a precompiled_charsmap that is not base64");
  }

  private void visit(int characters) {
    BitSet seen = new BitSet(units.length);
    Deque<Integer> open = new ArrayDeque<>();
    open.push(follow(0));
    while (!open.isEmpty()) {
      int state = open.pop();
      for (int label = 1; label <= LARGEST_BYTE; label++) {
        int at = state ^ label;
        if (at >= units.length) {
          throw refused();
        }
        if ((units[at] & (1 << 31 | LARGEST_BYTE)) == label) {
          int next = follow(at);
          if ((units[at] >> 8 & 1) == 1) {
            checkText(next, characters);
          }
          if (next < units.length && !seen.get(next)) {
            seen.set(next);
            open.push(next);
          } else if (next >= units.length) {
            throw refused();
          }
        }
      }
    }
  }

  private int follow(int at) {
    int unit = units[at];
    long offset = (long) (unit >>> 10) << ((unit & 1 << 9) >> 6);
    long next = at ^ offset;
    return next > Integer.MAX_VALUE - LARGEST_BYTE - 1 ? units.length : (int) next;
  }

  private void checkText(int leaf, int characters) {
    int begin = leaf < units.length ? units[leaf] & Integer.MAX_VALUE : Integer.MAX_VALUE;
    boolean within = begin < texts.length && characters > 0;
    if (!within || (texts[begin] & 0xc0) == 0x80) {
      throw refused();
    }
  }

  private RuntimeException refused() {
    return JsonFields.refused(where, "has a charsmap that points outside itself");
  }
}
