package dev.penstock.spark.data;

import dev.penstock.datasets.Sha256;
import dev.penstock.datasets.format.RowForm;
import dev.penstock.datasets.pack.DocumentFit;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.shard.StreamFormat;
import dev.penstock.datasets.template.ChatTemplates;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.nio.charset.StandardCharsets;

/**
 * How texts become shards.
 *
 * @param source what is read of the frame
 * @param rows which rows they are, for messages: "rows", and perhaps where
 * @param skipNulls whether rows that are null, or whose weight is, are counted and left out; else
 *     they are an error
 * @param skipUnreadable whether rows that cannot be read are counted and left out; else likewise
 * @param tokenizer makes the tokens
 * @param specialTokens whether the tokenizer puts its own around a text
 * @param packing makes the sequences
 * @param padToMultipleOf where a sequence is one row: what the length of a batch is rounded up to
 * @param vocabSize the model's: all ids must be below
 */
public record IngestSpec(
    RowSource source,
    String rows,
    boolean skipNulls,
    boolean skipUnreadable,
    TokenizerFiles tokenizer,
    SpecialTokens specialTokens,
    PackingConfig packing,
    int padToMultipleOf,
    int vocabSize) {
  /** Changes whenever the same rows would become other shards than before. */
  private static final int VERSION = 2;

  private static final int DIGEST_DIGITS = 32;

  /** What lengths of batches are rounded up to; 0: all sequences are full. */
  int rowPadding() {
    return packing.fit() == DocumentFit.SINGLE ? padToMultipleOf : 0;
  }

  /** What ranks are told of a stream of so many partitions. */
  public StreamFormat streamFormat(int partitions) {
    return new StreamFormat(
        partitions, packing.seqLength(), vocabSize, source.weighted(), rowPadding());
  }

  /** Tells the shards that come of rows apart from all others, without making them. */
  public String digest(RowTally rows) {
    return digest(rows.digest() + "\n" + rows.counts().usableRows());
  }

  /** The same for a stream, of whose rows nothing is known but into how many partitions they go. */
  public String streamDigest(int partitions) {
    return digest("stream of " + partitions);
  }

  private String digest(String rows) {
    String inputs =
        String.join(
            "\n",
            String.valueOf(VERSION),
            rows,
            String.valueOf(source.weighted()),
            source.form().identity(),
            tokenizer.sha256(),
            source.form() instanceof RowForm.Messages ? ChatTemplates.of(tokenizer).sha256() : "",
            specialTokens.name(),
            packing.toString(),
            String.valueOf(padToMultipleOf),
            vocabSize + (skipUnreadable ? " without unreadable rows" : ""));
    return Sha256.hex(inputs.getBytes(StandardCharsets.UTF_8)).substring(0, DIGEST_DIGITS);
  }
}
