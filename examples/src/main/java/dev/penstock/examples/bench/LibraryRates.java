package dev.penstock.examples.bench;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.pack.SequencePacker;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.shard.ShardWriter;
import dev.penstock.datasets.tokenize.SpecialTokens;
import dev.penstock.datasets.tokenize.TextTokenizer;
import dev.penstock.datasets.tokenize.TokenizerFiles;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Tokens a second of one thread without Spark.
 *
 * @param library the tokenizers library in DJL's wrapper
 * @param encode the same library as Penstock calls it
 * @param pack encoded documents to sequences
 * @param write sequences to a shard file
 */
record LibraryRates(double library, double encode, double pack, double write) {
  /** The part of a measurement that is timed. */
  private interface Timed {
    void run() throws IOException;
  }

  /**
   * Measures each part after one warm-up.
   *
   * @param tokenizer folder of the tokenizer's files
   */
  static LibraryRates measure(
      Path tokenizer, List<String> texts, int seqLength, int vocabSize, int repeat)
      throws IOException {
    try (TextTokenizer own = TextTokenizer.open(TokenizerFiles.read(tokenizer));
        HuggingFaceTokenizer library = library(tokenizer);
        TempFolder folder = TempFolder.create(null)) {
      List<TokenizedDocument> documents = new ArrayList<>();
      double encode =
          median(
              repeat,
              () -> {
                documents.clear();
                for (String text : texts) {
                  documents.add(TokenizedDocument.of(own.encode(text, SpecialTokens.INCLUDED)));
                }
              });
      double alone =
          median(
              repeat,
              () -> {
                for (int i = 0; i < texts.size(); i++) {
                  check(library.encode(texts.get(i)).getIds(), documents.get(i));
                }
              });
      PackingConfig packing = PackingConfig.of(seqLength, own.endOfDocumentId(OptionalInt.empty()));
      List<TokenSequence> sequences = new ArrayList<>();
      double pack = median(repeat, () -> pack(documents, packing, sequences));
      double write = median(repeat, () -> write(sequences, folder.path(), seqLength, vocabSize));
      double tokens = documents.stream().mapToLong(TokenizedDocument::length).sum();
      return new LibraryRates(tokens / alone, tokens / encode, tokens / pack, tokens / write);
    }
  }

  private static HuggingFaceTokenizer library(Path folder) throws IOException {
    System.setProperty("OPT_OUT_TRACKING", "true"); // or DJL calls home
    return HuggingFaceTokenizer.newInstance(
        folder.resolve(TokenizerFiles.TOKENIZER),
        Map.of("truncation", "false", "padding", "false"));
  }

  private static void check(long[] ids, TokenizedDocument document) {
    if (ids.length != document.length()) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "The library makes %d tokens of a text, Penstock %d.",
              ids.length,
              document.length()));
    }
  }

  private static void pack(
      List<TokenizedDocument> documents, PackingConfig config, List<TokenSequence> sequences)
      throws IOException {
    sequences.clear();
    SequencePacker packer = new SequencePacker(config, sequences::add);
    for (TokenizedDocument document : documents) {
      packer.add(document);
    }
    packer.finish();
  }

  private static void write(
      List<TokenSequence> sequences, Path folder, int seqLength, int vocabSize) throws IOException {
    try (ShardWriter writer =
        ShardWriter.create(new LocalFolder(folder), "shard.bin", seqLength, vocabSize, false)) {
      for (TokenSequence sequence : sequences) {
        writer.accept(sequence);
      }
      writer.finish();
    }
  }

  /** Seconds. */
  private static double median(int repeat, Timed timed) throws IOException {
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i <= repeat; i++) {
      long begin = System.nanoTime();
      timed.run();
      if (i > 0) {
        seconds.add((System.nanoTime() - begin) / 1e9);
      }
    }
    return Medians.of(seconds);
  }
}
