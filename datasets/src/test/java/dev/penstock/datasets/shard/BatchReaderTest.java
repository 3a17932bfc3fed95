package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.SequenceOrder;
import dev.penstock.datasets.pack.TokenSequence;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchReaderTest {
  private static final long SEED = 3;
  private static final int SEQUENCES = 50;

  @TempDir Path folder;

  private Folder store;
  private SequenceOrder order;

  @BeforeEach
  void stage() throws IOException {
    store = new LocalFolder(folder);
    ShardManifest manifest = TestingShards.write(store, 20, 0, 1, 29);
    order = new SequenceOrder(SEQUENCES, manifest.layout(), SEED);
  }

  @Test
  void rowsComeInTheOrderOfTheSeed() throws IOException {
    assertThat(numbers(7, 0, 7, 40)).containsExactlyElementsOf(expectedNumbers(7 * 40));
  }

  @Test
  void batchSizesAndReplicasReadTheSameOrder() throws IOException {
    List<Integer> expected = expectedNumbers(120);
    assertThat(numbers(1, 0, 1, 120)).isEqualTo(expected);
    assertThat(numbers(60, 0, 60, 2)).isEqualTo(expected);
    List<Integer> first = numbers(4, 0, 2, 30);
    List<Integer> second = numbers(4, 2, 2, 30);
    List<Integer> merged = new ArrayList<>();
    for (int i = 0; i < 60; i += 2) {
      merged.addAll(first.subList(i, i + 2));
      merged.addAll(second.subList(i, i + 2));
    }
    assertThat(merged).isEqualTo(expected);
  }

  @Test
  void everythingOfASequenceIsReadBack() throws IOException {
    try (BatchReader reader = BatchReader.open(store, SEED, SEQUENCES, 0, SEQUENCES)) {
      TokenRows rows = reader.read(0, 0, SEQUENCES);
      assertThat(rows.rows()).isEqualTo(SEQUENCES);
      int length = rows.seqLength();
      for (int row = 0; row < SEQUENCES; row++) {
        int from = row * length;
        TokenSequence expected = TestingShards.sequence(rows.ids()[from]);
        assertThat(Arrays.copyOfRange(rows.ids(), from, from + length)).isEqualTo(expected.ids());
        assertThat(Arrays.copyOfRange(rows.labels(), from, from + length))
            .isEqualTo(expected.labels());
        assertThat(rows.documentStarts().get(from, from + length))
            .isEqualTo(expected.documentStarts());
      }
    }
  }

  @Test
  void rowsOfOneDocumentAreAsLongAsTheLongestOfTheirBatch() throws IOException {
    int[] lengths = {3, 1, 5, 2, 4, 6};
    TestingShards.writeSingle(store, 1, lengths);
    try (BatchReader reader = BatchReader.open(store, SEED, 2, 0, 2)) {
      for (int step = 0; step < 3; step++) {
        TokenRows rows = reader.read(step, 0, 2);
        int width = rows.seqLength();
        int first = lengths[rows.ids()[0]];
        int second = lengths[rows.ids()[width]];
        assertThat(width).isEqualTo(Math.max(2, Math.max(first, second)));
        for (int i = 0; i < 2 * width; i++) {
          boolean padding = i % width >= (i < width ? first : second);
          assertThat(rows.labels()[i]).isEqualTo(padding ? TokenSequence.IGNORE : rows.ids()[i]);
          assertThat(rows.ids()[i]).isEqualTo(padding ? 0 : i % width == 0 ? rows.ids()[i] : 1);
        }
      }
    }
  }

  @Test
  void lengthsAreRoundedUpButNotBeyondThatOfASequence() throws IOException {
    TestingShards.writeSingle(store, 4, 1, 1, 5, 5);
    assertThat(widths()).containsExactlyInAnyOrder(4, 4, 8, 8);
    TestingShards.writeSingle(store, TestingShards.SEQ_LENGTH - 1, 1, TestingShards.SEQ_LENGTH);
    assertThat(widths())
        .containsExactlyInAnyOrder(TestingShards.SEQ_LENGTH - 1, TestingShards.SEQ_LENGTH);
  }

  private List<Integer> widths() throws IOException {
    List<Integer> widths = new ArrayList<>();
    try (BatchReader reader = BatchReader.open(store, SEED, 1, 0, 1)) {
      for (int step = 0; step < reader.manifest().numSequences(); step++) {
        widths.add(reader.read(step, 0, 1).seqLength());
      }
    }
    return widths;
  }

  @Test
  void weightsAreReadBackWhereThereAreAny() throws IOException {
    try (BatchReader reader = BatchReader.open(store, SEED, SEQUENCES, 0, SEQUENCES)) {
      assertThat(reader.read(0, 0, SEQUENCES).weights()).isNull();
    }
    TestingShards.write(store, true, 20, 0, 1, 29);
    try (BatchReader reader = BatchReader.open(store, SEED, SEQUENCES, 0, SEQUENCES)) {
      assertThat(reader.manifest().weighted()).isTrue();
      TokenRows rows = reader.read(0, 0, SEQUENCES);
      int length = rows.seqLength();
      for (int row = 0; row < SEQUENCES; row++) {
        int from = row * length;
        TokenSequence expected = TestingShards.weightedSequence(rows.ids()[from]);
        float[] weights = Arrays.copyOfRange(rows.weights(), from, from + length);
        if (expected.weights() == null) {
          assertThat(weights).containsOnly(1);
        } else {
          assertThat(weights).isEqualTo(expected.weights());
        }
        assertThat(Arrays.copyOfRange(rows.ids(), from, from + length)).isEqualTo(expected.ids());
        assertThat(Arrays.copyOfRange(rows.labels(), from, from + length))
            .isEqualTo(expected.labels());
        assertThat(rows.documentStarts().get(from, from + length))
            .isEqualTo(expected.documentStarts());
      }
    }
  }

  @Test
  void readingCanBeginAndGoBackAnywhere() throws IOException {
    try (BatchReader reader = BatchReader.open(store, SEED, 8, 0, 8)) {
      int[] late = reader.read(1000, 0, 8).ids();
      int[] early = reader.read(2, 0, 8).ids();
      assertThat(reader.read(1000, 0, 8).ids()).isEqualTo(late).isNotEqualTo(early);
      assertThat(reader.read(2, 3, 1).ids())
          .isEqualTo(
              Arrays.copyOfRange(
                  early, 3 * TestingShards.SEQ_LENGTH, 4 * TestingShards.SEQ_LENGTH));
    }
  }

  @Test
  void rowsOutsideTheBatchAreRefused() throws IOException {
    try (BatchReader reader = BatchReader.open(store, SEED, 8, 0, 8)) {
      assertThatThrownBy(() -> reader.read(0, 5, 4)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> reader.read(-1, 0, 1)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void replicaReadsTheBytesOfItsOwnSequencesAlone() throws IOException {
    int batch = 10;
    for (int dpSize : new int[] {1, 2, 5, 10}) {
      int rows = batch / dpSize;
      for (int replica = 0; replica < dpSize; replica++) {
        CountedReads counted = new CountedReads(store);
        try (BatchReader reader =
            BatchReader.open(counted.folder(), SEED, batch, replica * rows, rows)) {
          long beside = counted.bytes(); // the manifest
          for (int step = 0; step < SEQUENCES / batch; step++) {
            TokenRows read = reader.read(step, replica * rows, rows);
            for (int row = 0; row < rows; row++) {
              assertThat(read.ids()[row * read.seqLength()])
                  .isEqualTo((int) order.indexAt((long) step * batch + replica * rows + row));
            }
          }
          beside += 3L * (ShardFormat.HEADER_BYTES + ShardFormat.FOOTER_BYTES);
          int record = reader.manifest().format().recordBytes();
          long own = (long) SEQUENCES / dpSize * record;
          long ahead = (long) reader.manifest().layout().blocksPerWindow() * 3 * record / dpSize;
          assertThat(counted.bytes()).isBetween(own, own + beside + ahead + rows * record);
        }
      }
    }
  }

  @Test
  void rowsOfOtherReplicasAreRefused() throws IOException {
    try (BatchReader reader = BatchReader.open(store, SEED, 8, 2, 2)) {
      assertThat(reader.read(0, 3, 1).rows()).isEqualTo(1);
      assertThatThrownBy(() -> reader.read(0, 1, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 to 3");
      assertThatThrownBy(() -> reader.read(0, 3, 2)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> BatchReader.open(store, SEED, 8, 7, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void missingShardIsNamedWhenItIsRead() throws IOException {
    store.delete("part-00003.tok");
    try (BatchReader reader = BatchReader.open(store, SEED, SEQUENCES, 0, SEQUENCES)) {
      assertThatThrownBy(() -> reader.read(0, 0, SEQUENCES))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining(folder.toString())
          .hasMessageContaining("part-00003.tok");
    }
  }

  @Test
  void folderWithoutSequencesIsRefused() throws IOException {
    TestingShards.write(store, 0);
    assertThatThrownBy(() -> BatchReader.open(store, SEED, 8, 0, 8))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("0 sequences");
  }

  private List<Integer> numbers(int globalBatch, int firstRow, int numRows, int steps)
      throws IOException {
    List<Integer> numbers = new ArrayList<>();
    try (BatchReader reader = BatchReader.open(store, SEED, globalBatch, firstRow, numRows)) {
      for (int step = 0; step < steps; step++) {
        TokenRows rows = reader.read(step, firstRow, numRows);
        for (int row = 0; row < numRows; row++) {
          numbers.add(rows.ids()[row * rows.seqLength()]);
        }
      }
    }
    return numbers;
  }

  private List<Integer> expectedNumbers(int count) {
    List<Integer> numbers = new ArrayList<>();
    for (int position = 0; position < count; position++) {
      numbers.add((int) order.indexAt(position));
    }
    return numbers;
  }
}
