package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardFileTest {
  private static final String SHARD = "part-00000.tok";
  private static final int SEQUENCES = 5;
  private static final ShardFormat FORMAT =
      new ShardFormat(TestingShards.SEQ_LENGTH, TestingShards.VOCAB_SIZE, false);

  @TempDir Path folder;

  private Folder store;
  private ShardManifest manifest;

  @BeforeEach
  void stage() throws IOException {
    store = new LocalFolder(folder);
    manifest = TestingShards.write(store, SEQUENCES);
  }

  @Test
  void bytesAreThoseOfTheFormat() throws IOException {
    try (ShardWriter writer = ShardWriter.create(store, "tiny", 3, 300, false)) {
      writer.accept(
          new TokenSequence(
              new int[] {1, 256, 2},
              new int[] {1, TokenSequence.IGNORE, 2},
              BitSet.valueOf(new long[] {0b001})));
      writer.finish();
    }
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(folder.resolve("tiny"))))
        .isEqualTo(
            "5053544b5348524401000000030000002c01000000000000" // header
                + "010000000001000002000000" // ids
                + "0501" // predicted, begins a document
                + "402f86e6" // checksum
                + "01000000000000004b233e0050454e44"); // footer
  }

  @Test
  void weightsStandBehindTheIds() throws IOException {
    try (ShardWriter writer = ShardWriter.create(store, "tiny", 2, 300, true)) {
      writer.accept(
          new TokenSequence(
              new int[] {1, 2}, new int[] {1, 2}, new BitSet(), new float[] {1, 0.5f}));
      writer.accept(new TokenSequence(new int[] {3, 4}, new int[] {3, 4}, new BitSet()));
      writer.finish();
    }
    assertThat(HexFormat.of().formatHex(Files.readAllBytes(folder.resolve("tiny"))))
        .startsWith(
            "5053544b5348524401000000020000002c01000001000000" // header
                + "0100000002000000" // ids
                + "0000803f0000003f" // weights
                + "0300") // predicted, begins a document
        .contains("03000000040000000000803f0000803f0300"); // a record of weights 1
  }

  @Test
  void intactFileIsVerified() throws IOException {
    manifest.verifyShards(store);
    assertThat(store.length(SHARD)).isEqualTo(manifest.shards().get(0).length());
  }

  /** A checksum that only told their number would take other texts for the same data. */
  @Test
  void otherSequencesHaveAnotherChecksum() throws IOException {
    List<Integer> checksums = new ArrayList<>();
    for (int first = 0; first < 5; first++) {
      try (ShardWriter writer = ShardWriter.create(store, "other", 2, 300, false)) {
        int[] ids = {first, 7};
        writer.accept(new TokenSequence(ids, ids, new BitSet()));
        writer.accept(new TokenSequence(new int[] {5, 6}, new int[] {5, 6}, new BitSet()));
        checksums.add(writer.finish().checksum());
      }
    }
    assertThat(checksums).doesNotHaveDuplicates();
  }

  @Test
  void everyFlippedBitIsNoticed() throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(SHARD));
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= 4;
      Files.write(folder.resolve(SHARD), bytes);
      assertThatThrownBy(this::readAll)
          .as("byte %d", i)
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining(SHARD);
      assertThatThrownBy(() -> manifest.verifyShards(store)).isInstanceOf(DatasetException.class);
      bytes[i] ^= 4;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 10, 24, 100, 1_000_000})
  void fileOfAnotherLengthIsNoticed(int length) throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(SHARD));
    Files.write(folder.resolve(SHARD), Arrays.copyOf(bytes, length));
    assertThatThrownBy(this::readAll)
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("has " + length + " bytes");
  }

  @Test
  void swappedSequencesAreNoticed() throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(SHARD));
    int size = FORMAT.recordBytes();
    byte[] first = Arrays.copyOfRange(bytes, 24, 24 + size);
    System.arraycopy(bytes, 24 + size, bytes, 24, size);
    System.arraycopy(first, 0, bytes, 24 + size, size);
    Files.write(folder.resolve(SHARD), bytes);
    assertThatThrownBy(this::readAll)
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("sequence 0 is damaged");
  }

  @Test
  void shardOfOtherDataIsNoticed() {
    ShardFormat other = new ShardFormat(TestingShards.SEQ_LENGTH, 2000, false);
    assertThatThrownBy(() -> ShardReader.open(store, manifest.shards().get(0), other).close())
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("seqLength 10, a vocabulary of 1000 and no weights")
        .hasMessageContaining("seqLength 10, a vocabulary of 2000 and no weights");
    ShardFormat weighted =
        new ShardFormat(TestingShards.SEQ_LENGTH, TestingShards.VOCAB_SIZE, true);
    assertThatThrownBy(() -> ShardReader.open(store, manifest.shards().get(0), weighted).close())
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("a vocabulary of 1000 and no weights, but")
        .hasMessageContaining("a vocabulary of 1000 and weights. ");
  }

  @Test
  void unknownFlagsAreNoticed() throws IOException {
    byte[] bytes = Files.readAllBytes(folder.resolve(SHARD));
    bytes[20] = 2;
    Files.write(folder.resolve(SHARD), bytes);
    assertThatThrownBy(this::readAll)
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("has the flags 0x2, of which 0x1");
  }

  @Test
  void weightsNeedAFormatThatHasThem() throws IOException {
    try (ShardWriter writer = ShardWriter.create(store, "x", 10, 1000, false)) {
      assertThatThrownBy(() -> writer.accept(TestingShards.weightedSequence(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("without weights");
    }
  }

  @Test
  void abandonedFileIsRemoved() throws IOException {
    try (ShardWriter writer = ShardWriter.create(store, "abandoned", 10, 1000, false)) {
      writer.accept(TestingShards.sequence(1));
    }
    assertThat(store.list()).containsExactly("manifest.json", SHARD);
  }

  @Test
  void idsOutsideTheVocabularyAndForeignLabelsAreRefused() throws IOException {
    try (ShardWriter writer = ShardWriter.create(store, "x", 1, 10, false)) {
      assertThatThrownBy(() -> writer.accept(sequence(10, 10)))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("Token id 10");
      assertThatThrownBy(() -> writer.accept(sequence(-1, -1)))
          .isInstanceOf(DatasetException.class);
      assertThatThrownBy(() -> writer.accept(sequence(3, 4)))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("not shifted");
      assertThatThrownBy(() -> writer.accept(TestingShards.sequence(0)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static TokenSequence sequence(int id, int label) {
    return new TokenSequence(new int[] {id}, new int[] {label}, new BitSet());
  }

  private void readAll() throws IOException {
    try (ShardReader reader = ShardReader.open(store, manifest.shards().get(0), FORMAT)) {
      reader.read(0, SEQUENCES, new byte[SEQUENCES * FORMAT.recordBytes()], 0);
    }
  }
}
