package dev.penstock.datasets.shard;

import dev.penstock.datasets.pack.TokenSequence;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;
import java.util.zip.CRC32C;

/**
 * The bytes of a shard file, little-endian throughout:
 *
 * <pre>
 * header   magic "PSTKSHRD", int32 version, int32 seqLength, int32 vocabSize, int32 0
 * record   int32 id x seqLength, bits: is predicted, bits: begins a document, int32 CRC-32C
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
 */
record ShardFormat(int seqLength, int vocabSize) {
  static final int VERSION = 1;
  static final int HEADER_BYTES = 24;
  static final int FOOTER_BYTES = 16;
  static final long MAGIC = 0x445248534b545350L;
  static final int END_MAGIC = 0x444e4550;

  /** Bytes of a record. */
  int recordBytes() {
    return Math.addExact(Math.multiplyExact(seqLength, Integer.BYTES), 2 * bitBytes() + 4);
  }

  /** Length of a file. */
  long fileBytes(long records) {
    return HEADER_BYTES + records * recordBytes() + FOOTER_BYTES;
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
        .putInt(0)
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
    BitSet predicted = new BitSet();
    for (int i = 0; i < seqLength; i++) {
      predicted.set(i, sequence.labels()[i] != TokenSequence.IGNORE);
    }
    int bits = seqLength * Integer.BYTES;
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

  /** Reads the record at {@code offset} of a file's bytes into row {@code row} of {@code rows}. */
  void decode(byte[] bytes, int offset, TokenRows rows, int row) {
    int[] ids = rows.ids();
    int[] labels = rows.labels();
    int first = row * seqLength;
    ByteBuffer.wrap(bytes, offset, seqLength * Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asIntBuffer()
        .get(ids, first, seqLength);
    int predicted = offset + seqLength * Integer.BYTES;
    int starts = predicted + bitBytes();
    for (int i = 0; i < seqLength; i++) {
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

  private int bitBytes() {
    return (seqLength + Byte.SIZE - 1) / Byte.SIZE;
  }

  private static ByteBuffer allocate(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
