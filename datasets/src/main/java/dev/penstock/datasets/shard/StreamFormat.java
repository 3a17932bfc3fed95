package dev.penstock.datasets.shard;

import dev.penstock.datasets.order.BlockLayout;
import java.io.Serializable;

/**
 * What is known of a stream of shards before any is made.
 *
 * @param shards how many there will be
 * @param seqLength tokens of every sequence
 * @param vocabSize number all ids are below
 * @param weighted whether the labels have weights; else they count 1 each
 * @param padToMultipleOf as in {@link ShardManifest}
 */
public record StreamFormat(
    int shards, int seqLength, int vocabSize, boolean weighted, int padToMultipleOf)
    implements Serializable {
  ShardFormat format() {
    return new ShardFormat(seqLength, vocabSize, weighted);
  }

  BlockLayout layout() {
    return BlockLayout.forSeqLength(seqLength);
  }
}
