package dev.penstock.datasets.shard;

import static java.util.Objects.requireNonNull;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.Sha256;
import dev.penstock.datasets.order.BlockLayout;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.storage.Folder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a folder of shards holds: {@value #FILE_NAME}. Written when all shards are, so a folder with
 * a manifest is complete; shards that it does not list count for nothing.
 *
 * @param seqLength tokens of every sequence
 * @param vocabSize number all ids are below
 * @param weighted whether the labels have weights; else they count 1 each
 * @param padToMultipleOf 0: every sequence is full; else each is one row of the data, and of those
 *     that are read together as many tokens as the longest has, rounded up to a multiple of this
 * @param tokenizerSha256 {@link dev.penstock.datasets.tokenize.TokenizerFiles#sha256} of the
 *     tokenizer that made the ids
 * @param layout how coarsely the sequences are shuffled
 * @param stats what became of the documents
 * @param shards the shards in the order in which their sequences are counted
 */
public record ShardManifest(
    int seqLength,
    int vocabSize,
    boolean weighted,
    int padToMultipleOf,
    String tokenizerSha256,
    BlockLayout layout,
    PackingStats stats,
    List<ShardInfo> shards) {
  /** Its name in the store. */
  public static final String FILE_NAME = "manifest.json";

  private static final long MAX_BYTES = 16 << 20;

  /** More than any cluster holds; arithmetic with it stays far from overflow. */
  private static final long MOST_SEQUENCES = 1L << 48;

  public ShardManifest {
    requireNonNull(tokenizerSha256, "tokenizerSha256 is null");
    requireNonNull(layout, "layout is null");
    requireNonNull(stats, "stats is null");
    shards = List.copyOf(shards);
    if (seqLength < 2 || vocabSize < 1 || padToMultipleOf < 0) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "Data with seqLength %d, a vocabulary of %d and padToMultipleOf %d are not possible.",
              seqLength,
              vocabSize,
              padToMultipleOf));
    }
    checkCounts(new ShardFormat(seqLength, vocabSize, weighted), shards, stats);
  }

  private static void checkCounts(ShardFormat format, List<ShardInfo> shards, PackingStats stats) {
    Set<String> names = new HashSet<>();
    long sequences = 0;
    for (ShardInfo shard : shards) {
      if (!names.add(shard.name())
          || shard.sequences() > MOST_SEQUENCES - sequences
          || !format.isLength(shard.length(), shard.sequences())) {
        throw new DatasetException(
            String.format(
                Locale.ROOT,
                ("The shard %.200s with %d sequences of %d tokens in %d bytes is not possible, or listed"
                    + " twice."),
                shard.name(),
                shard.sequences(),
                format.seqLength(),
                shard.length()));
      }
      sequences += shard.sequences();
    }
    if (stats.sequences() != sequences) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "The shards have %d sequences, but packing made %d.",
              sequences,
              stats.sequences()));
    }
  }

  /** All sequences. */
  public long numSequences() {
    return shards.stream().mapToLong(ShardInfo::sequences).sum();
  }

  /**
   * Checks that the data were made with the tokenizer that is to be used with them.
   *
   * @param sha256 {@link dev.penstock.datasets.tokenize.TokenizerFiles#sha256} of that tokenizer
   */
  public void checkTokenizer(String sha256) {
    if (!sha256.equals(tokenizerSha256)) {
      throw new DatasetException(
          ("The data were made with another tokenizer (SHA-256 %s) than the one given (%s). "
                  + "Ingest them again with this one.")
              .formatted(tokenizerSha256, sha256));
    }
  }

  /**
   * Reads all shards and compares their checksums: for data of which nobody knows what happened to
   * them. (Every sequence is checked when it is read anyway.)
   *
   * @throws DatasetException if one is damaged
   */
  public void verifyShards(Folder store) throws IOException {
    for (ShardInfo shard : shards) {
      try (ShardReader reader = ShardReader.open(store, shard, format())) {
        reader.verify();
      }
    }
  }

  ShardFormat format() {
    return new ShardFormat(seqLength, vocabSize, weighted);
  }

  /**
   * SHA-256 of the manifest in hexadecimal, but for the names of the files, of which each attempt
   * at writing one has its own: the same means the same sequences in each order.
   */
  public String fingerprint() {
    List<ShardInfo> numbered = new ArrayList<>();
    for (ShardInfo shard : shards) {
      String name = "shard-" + numbered.size();
      numbered.add(new ShardInfo(name, shard.sequences(), shard.length(), shard.checksum()));
    }
    return Sha256.hex(
        ManifestJson.write(
            new ShardManifest(
                seqLength,
                vocabSize,
                weighted,
                padToMultipleOf,
                tokenizerSha256,
                layout,
                stats,
                numbered)));
  }

  /** Writes it to a store, which makes the folder complete. */
  public void write(Folder store) throws IOException {
    store.write(FILE_NAME, ManifestJson.write(this));
  }

  /**
   * Reads it from a store.
   *
   * @throws DatasetException if there is none or it is damaged
   */
  public static ShardManifest read(Folder store) throws IOException {
    String path = store.location() + "/" + FILE_NAME;
    if (!store.exists(FILE_NAME)) {
      throw new DatasetException(
          ("%s does not exist: ingesting the texts did not complete, or the folder holds none. "
                  + "Ingest them again.")
              .formatted(path));
    }
    long length = store.length(FILE_NAME);
    if (length > MAX_BYTES) {
      throw new DatasetException(
          String.format(
              Locale.ROOT,
              "%s has %d bytes, more than any manifest. Is it another file?",
              path,
              length));
    }
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    try (SeekableByteChannel channel = store.open(FILE_NAME)) {
      while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
        // a channel may return less than asked for
      }
    }
    return ManifestJson.read(bytes.array(), path);
  }
}
