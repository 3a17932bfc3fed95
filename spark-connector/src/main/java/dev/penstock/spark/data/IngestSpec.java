package dev.penstock.spark.data;

import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * How texts become shards.
 *
 * @param columns what is read of the frame
 * @param rows which rows they are, for messages: "rows", and perhaps where
 * @param skipNulls whether rows whose text or weight is null are counted and left out; else they
 *     are an error
 * @param tokenizer makes the tokens
 * @param specialTokens whether the tokenizer puts its own around a text
 * @param packing makes the sequences
 * @param vocabSize the model's: all ids must be below
 */
public record IngestSpec(
    TextColumns columns,
    String rows,
    boolean skipNulls,
    TokenizerFiles tokenizer,
    SpecialTokens specialTokens,
    PackingConfig packing,
    int vocabSize) {
  /** Changes whenever the same rows would become other shards than before. */
  private static final int VERSION = 1;

  private static final int DIGEST_BYTES = 16;

  /** Tells the shards that come of rows apart from all others, without making them. */
  public String digest(RowTally rows) {
    String inputs =
        String.join(
            "\n",
            String.valueOf(VERSION),
            rows.digest(),
            String.valueOf(rows.counts().usableRows()),
            String.valueOf(columns.weighted()),
            tokenizer.sha256(),
            specialTokens.name(),
            packing.toString(),
            String.valueOf(vocabSize));
    return HexFormat.of()
        .formatHex(
            RowKey.sha256().digest(inputs.getBytes(StandardCharsets.UTF_8)), 0, DIGEST_BYTES);
  }
}
