package dev.penstock.spark.data;

import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TokenizerFiles;

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
 * @param folder where the shards go, on a Hadoop file system that all executors reach
 */
public record IngestSpec(
    TextColumns columns,
    String rows,
    boolean skipNulls,
    TokenizerFiles tokenizer,
    SpecialTokens specialTokens,
    PackingConfig packing,
    int vocabSize,
    String folder) {}
