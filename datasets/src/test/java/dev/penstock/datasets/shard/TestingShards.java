package dev.penstock.datasets.shard;

import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.pack.DocumentFit;
import dev.penstock.datasets.pack.PackingConfig;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.datasets.pack.Remainder;
import dev.penstock.datasets.pack.SequencePacker;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.datasets.pack.TokenizedDocument;
import dev.penstock.datasets.pack.Truncation;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/** Ingested data in which every sequence tells its own number. */
final class TestingShards {
  static final int SEQ_LENGTH = 10;
  static final int VOCAB_SIZE = 1000;
  static final String TOKENIZER = "abc";

  private TestingShards() {}

  /** Shards of the given sizes, sequences numbered through, and their manifest. */
  static ShardManifest write(Folder store, int... sizes) throws IOException {
    return write(store, false, sizes);
  }

  /** The same with or without weights. */
  static ShardManifest write(Folder store, boolean weighted, int... sizes) throws IOException {
    List<ShardInfo> shards = new ArrayList<>();
    int number = 0;
    for (int size : sizes) {
      try (ShardWriter writer =
          ShardWriter.create(
              store,
              String.format(Locale.ROOT, "part-%05d.tok", shards.size()),
              SEQ_LENGTH,
              VOCAB_SIZE,
              weighted)) {
        for (int i = 0; i < size; i++) {
          writer.accept(weighted ? weightedSequence(number) : sequence(number));
          number++;
        }
        shards.add(writer.finish());
      }
    }
    ShardManifest manifest =
        new ShardManifest(
            SEQ_LENGTH,
            VOCAB_SIZE,
            weighted,
            0,
            TOKENIZER,
            new BlockLayout(3, 4),
            new PackingStats(1, 0, 0, (long) number * SEQ_LENGTH, number, 0, 0),
            shards);
    manifest.write(store);
    return manifest;
  }

  /**
   * A shard of sequences of one document each, as long as the lengths say, and its manifest; the
   * first token of each is its number.
   */
  static void writeSingle(Folder store, int padToMultipleOf, int... lengths) throws IOException {
    PackingConfig packing =
        new PackingConfig(SEQ_LENGTH, null, 0, DocumentFit.SINGLE, Remainder.PAD, Truncation.ERROR);
    try (ShardWriter writer =
        ShardWriter.create(store, "part-00000.tok", SEQ_LENGTH, VOCAB_SIZE, false)) {
      SequencePacker packer = new SequencePacker(packing, writer);
      for (int i = 0; i < lengths.length; i++) {
        int[] ids = new int[lengths[i]];
        Arrays.fill(ids, 1);
        ids[0] = i;
        packer.add(TokenizedDocument.of(ids));
      }
      packer.finish();
      new ShardManifest(
              SEQ_LENGTH,
              VOCAB_SIZE,
              false,
              padToMultipleOf,
              TOKENIZER,
              new BlockLayout(3, 4),
              packer.stats(),
              List.of(writer.finish()))
          .write(store);
    }
  }

  /** First the number, then a mixture of ids, labels and documents that hangs on it. */
  static TokenSequence sequence(int number) {
    int[] ids = new int[SEQ_LENGTH];
    int[] labels = new int[SEQ_LENGTH];
    BitSet starts = new BitSet();
    for (int i = 0; i < SEQ_LENGTH; i++) {
      ids[i] = i == 0 ? number : (number * 31 + i * 17) % VOCAB_SIZE;
      labels[i] = (number + i) % 3 == 0 ? TokenSequence.IGNORE : ids[i];
      starts.set(i, (number * 7 + i) % 4 == 0);
    }
    return new TokenSequence(ids, labels, starts);
  }

  /** The same with weights that hang on the number; every fourth sequence has none. */
  static TokenSequence weightedSequence(int number) {
    TokenSequence plain = sequence(number);
    float[] weights = new float[SEQ_LENGTH];
    for (int i = 0; i < SEQ_LENGTH; i++) {
      weights[i] = number / 8f + i;
    }
    return new TokenSequence(
        plain.ids(), plain.labels(), plain.documentStarts(), number % 4 == 0 ? null : weights);
  }
}
