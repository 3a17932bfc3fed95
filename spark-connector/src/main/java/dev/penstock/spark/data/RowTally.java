package dev.penstock.spark.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.apache.spark.api.java.JavaRDD;

/**
 * What one pass over the rows of a frame finds, before any is tokenized.
 *
 * @param counts what the rows are
 * @param digest tells the rows that are to be ingested apart from others, whatever their order: the
 *     sum of 128 bits of the SHA-256 of each, its text and weight
 */
public record RowTally(RowCounts counts, String digest) {
  private static final int KINDS = RowKind.values().length;
  private static final int SUMS = 2;

  /** Computes the rows. */
  static RowTally of(JavaRDD<String> rows) {
    long[] sums =
        rows.aggregate(
            new long[KINDS + SUMS],
            RowTally::add,
            (a, b) -> {
              Arrays.setAll(a, i -> a[i] + b[i]);
              return a;
            });
    ByteBuffer digest = ByteBuffer.allocate(SUMS * Long.BYTES);
    digest.asLongBuffer().put(sums, KINDS, SUMS);
    return new RowTally(
        RowCounts.of(Arrays.copyOf(sums, KINDS)), HexFormat.of().formatHex(digest.array()));
  }

  private static long[] add(long[] sums, String row) {
    RowKind kind = MarkedText.kind(row);
    sums[kind.ordinal()]++;
    if (kind.isKept()) {
      byte[] content = row.substring(1).getBytes(StandardCharsets.UTF_8); // weight and text
      ByteBuffer hash = ByteBuffer.wrap(RowKey.sha256().digest(content));
      for (int i = 0; i < SUMS; i++) {
        sums[KINDS + i] += hash.getLong(); // modulo 2^64
      }
    }
    return sums;
  }
}
