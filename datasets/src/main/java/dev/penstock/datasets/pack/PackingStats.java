package dev.penstock.datasets.pack;

import java.io.Serializable;

/**
 * What became of the documents. Always {@code sequences * seqLength = tokens - droppedTokens +
 * paddingTokens}.
 *
 * @param documents documents that came
 * @param emptyDocuments those of them without a token, which were passed over
 * @param truncatedDocuments those of them that lost their end or beginning
 * @param tokens tokens that came, end-of-document tokens included
 * @param sequences sequences made
 * @param paddingTokens tokens put in to fill up sequences
 * @param droppedTokens tokens that are in no sequence
 */
public record PackingStats(
    long documents,
    long emptyDocuments,
    long truncatedDocuments,
    long tokens,
    long sequences,
    long paddingTokens,
    long droppedTokens)
    implements Serializable {
  /** Nothing came. */
  public static final PackingStats NONE = new PackingStats(0, 0, 0, 0, 0, 0, 0);

  /** Both together, as of two parts of a data set. */
  public PackingStats plus(PackingStats other) {
    return new PackingStats(
        documents + other.documents,
        emptyDocuments + other.emptyDocuments,
        truncatedDocuments + other.truncatedDocuments,
        tokens + other.tokens,
        sequences + other.sequences,
        paddingTokens + other.paddingTokens,
        droppedTokens + other.droppedTokens);
  }
}
