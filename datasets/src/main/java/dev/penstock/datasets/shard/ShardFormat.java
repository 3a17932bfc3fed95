package dev.penstock.datasets.shard;

import dev.penstock.datasets.pack.TokenSequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * The bytes of a shard file, little-endian throughout:
 *
 * <pre>
 * header   magic "PSTKSHRD", int32 version, int32 seqLength, int32 vocabSize, int32 flags
 * record   int32 id x seqLength, float32 weight x seqLength if bit 0 of the flags is set,
 *          bits: is predicted, bits: begins a document, int32 CRC-32C
 * ...
 * footer   int64 number of records, int32 CRC-32C of header and number, int32 magic "PEND"
 * </pre>
 *
 * <p>Bit i of a token is bit {@code i % 8} of byte {@code i / 8}. A record's checksum covers its
 * place in the file (int64) and what comes before the checksum, so that any record can be read and
 * checked alone.
 *
 * @param seqLength tokens of a record
 * @param vocabSize number all ids are below
 * @param weighted whether the labels have weights; else they count 1 each
 */
record ShardFormat(int seqLength, int vocabSize, boolean weighted) {
  static final int VERSION = 1;
  static final int HEADER_BYTES = 24;
  static final int FOOTER_BYTES = 16;
  static final long MAGIC = 0x445248534b545350L;
  static final int END_MAGIC = 0x444e4550;
  static final int WEIGHTED = 1;

  /** Bytes of a record. */
  int recordBytes() {
    return Math.addExact(tokenBytes(), 2 * bitBytes() + 4);
  }

  /** Length of a file. */
  long fileBytes(long records) {
    return HEADER_BYTES + records * recordBytes() + FOOTER_BYTES;
  }

  /** Whether a file of so many records has that length; no number is too large to ask. */
  boolean isLength(long bytes, long records) {
    long tokens = (long) seqLength * (weighted ? Integer.BYTES + Float.BYTES : Integer.BYTES);
    long record = tokens + 2L * bitBytes() + Integer.BYTES;
    long content = bytes - HEADER_BYTES - FOOTER_BYTES;
    return record <= Integer.MAX_VALUE
        && content >= 0
        && content % record == 0
        && content / record == records;
  }

  /** Position in the file of a record. */
  long position(long record) {
    return HEADER_BYTES + record * recordBytes();
  }

  byte[] header() {
    return allocate(HEADER_BYTES)
        .putLong(MAGIC)
        .putInt(VERSION)
        .putInt(seqLength)
        .putInt(vocabSize)
        .putInt(weighted ? WEIGHTED : 0)
        .array();
  }

  byte[] footer(long records) {
    CRC32C crc = new CRC32C();
    crc.update(header());
    crc.update(allocate(Long.BYTES).putLong(records).flip());
    return allocate(FOOTER_BYTES)
        .putLong(records)
        .putInt((int) crc.getValue())
        .putInt(END_MAGIC)
        .array();
  }

  /** The bytes of a record. */
  byte[] encode(TokenSequence sequence, long record) {
    byte[] bytes = new byte[recordBytes()];
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asIntBuffer().put(sequence.ids());
    if (weighted) {
      buffer.position(seqLength * Integer.BYTES).asFloatBuffer().put(weights(sequence));
    }
    BitSet predicted = new BitSet();
    for (int i = 0; i < seqLength; i++) {
      predicted.set(i, sequence.labels()[i] != TokenSequence.IGNORE);
    }
    int bits = tokenBytes();
    buffer.put(bits, predicted.toByteArray());
    buffer.put(bits + bitBytes(), sequence.documentStarts().toByteArray());
    buffer.putInt(bytes.length - Integer.BYTES, checksum(record, bytes, 0));
    return bytes;
  }

  /** Whether the record at {@code offset} of a file's bytes is what was written. */
  boolean isIntact(long record, byte[] bytes, int offset) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int stored = buffer.getInt(offset + recordBytes() - Integer.BYTES);
    return stored == checksum(record, bytes, offset);
  }

  /**
   * Tokens of the first document of the record at {@code offset} of a file's bytes: of a record
   * that has one document, what comes before its padding.
   */
  int firstDocument(byte[] bytes, int offset) {
    int starts = offset + tokenBytes() + bitBytes();
    for (int i = 1; i < seqLength; i++) {
      if (bit(bytes, starts, i)) {
        return i;
      }
    }
    return seqLength;
  }

  /**
   * Reads the record at {@code offset} of a file's bytes, or as much of its beginning as rows have
   * tokens, into row {@code row} of {@code rows}, which have weights if the format has.
   */
  void decode(byte[] bytes, int offset, TokenRows rows, int row) {
    int[] ids = rows.ids();
    int[] labels = rows.labels();
    int length = rows.seqLength();
    int first = row * length;
    ByteBuffer tokens = ByteBuffer.wrap(bytes, offset, tokenBytes()).order(ByteOrder.LITTLE_ENDIAN);
    tokens.asIntBuffer().get(ids, first, length);
    if (rows.weights() != null) {
      tokens
          .position(offset + seqLength * Integer.BYTES)
          .asFloatBuffer()
          .get(rows.weights(), first, length);
    }
    int predicted = offset + tokenBytes();
    int starts = predicted + bitBytes();
    for (int i = 0; i < length; i++) {
      boolean isPredicted = bit(bytes, predicted, i);
      labels[first + i] = isPredicted ? ids[first + i] : TokenSequence.IGNORE;
      if (bit(bytes, starts, i)) {
        rows.documentStarts().set(first + i);
      }
    }
  }

  private static boolean bit(byte[] bytes, int offset, int index) {
    return (bytes[offset + index / Byte.SIZE] >> index % Byte.SIZE & 1) != 0;
  }

  private int checksum(long record, byte[] bytes, int offset) {
    CRC32C crc = new CRC32C();
    crc.update(allocate(Long.BYTES).putLong(record).flip());
    crc.update(bytes, offset, recordBytes() - Integer.BYTES);
    return (int) crc.getValue();
  }

  private float[] weights(TokenSequence sequence) {
    if (sequence.weights() != null) {
      return sequence.weights();
    }
    float[] ones = new float[seqLength];
    Arrays.fill(ones, 1);
    return ones;
  }

  private int tokenBytes() {
    return Math.multiplyExact(seqLength, weighted ? Integer.BYTES + Float.BYTES : Integer.BYTES);
  }

  private int bitBytes() {
    return (int) ((seqLength + Byte.SIZE - 1L) / Byte.SIZE);
  }

  private static ByteBuffer allocate(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
