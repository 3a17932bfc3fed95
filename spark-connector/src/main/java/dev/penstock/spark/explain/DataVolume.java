package dev.penstock.spark.explain;

import static java.util.Objects.requireNonNull;

import java.util.OptionalLong;

/**
 * How much there is to train on in one pass over the data.
 *
 * @param tokens about how many
 * @param rows about how many; empty: not known
 * @param source how that is known, for who reads the explanation
 */
public record DataVolume(long tokens, OptionalLong rows, String source) {
  public DataVolume {
    requireNonNull(source, "source is null");
  }

  /** So many tokens, by whoever asks. */
  public static DataVolume given(long tokens) {
    return new DataVolume(tokens, OptionalLong.empty(), "as given");
  }

  /**
   * Sequences of one pass.
   *
   * @param packed whether rows follow each other in them; else each is one
   */
  long sequences(int seqLength, boolean packed) {
    long full = Math.max(1, tokens / seqLength);
    return packed ? full : rows.orElse(full);
  }
}
