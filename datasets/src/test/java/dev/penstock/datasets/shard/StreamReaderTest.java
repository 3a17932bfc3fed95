package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.order.StreamOrder;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StreamReaderTest {
  private static final long SEED = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  /** Shards 4 to 7, a window, are empty. */
  private static final int[] SIZES = {7, 0, 5, 9, 0, 0, 0, 0, 3, 11};

  private static final int SEQUENCES = IntStream.of(SIZES).sum();
  private static final StreamFormat FORMAT =
      new StreamFormat(SIZES.length, TestingShards.SEQ_LENGTH, TestingShards.VOCAB_SIZE, false, 0);

  @TempDir Path folder;
  private Folder store;
  private final AtomicBoolean ended = new AtomicBoolean();

  @BeforeEach
  void openStore() {
    store = new LocalFolder(folder);
  }

  private StreamReader open(int batch, int replica, int rows) {
    return StreamReader.open(
        store,
        new LocalFolder(folder),
        FORMAT,
        SEED,
        new StreamReader.Rows(batch, replica * rows, rows, replica),
        PATIENCE,
        ended::get);
  }

  private void commit(int from, int to) throws IOException {
    long first = 0;
    for (int shard = 0; shard < to; shard++) {
      if (shard >= from) {
        commit(shard, first);
      }
      first += SIZES[shard];
    }
  }

  private void commit(int shard, long first) throws IOException {
    try (ShardWriter writer =
        ShardWriter.create(
            store, "shard-" + shard + ".bin", FORMAT.seqLength(), FORMAT.vocabSize(), false)) {
      for (int i = 0; i < SIZES[shard]; i++) {
        writer.accept(TestingShards.sequence((int) first + i));
      }
      new StreamLog(store)
          .commit(new StreamShard(shard, writer.finish(), totals(first), totals(SIZES[shard])));
    }
  }

  private static ShardTotals totals(long sequences) {
    return new ShardTotals(
        1, List.of(sequences), new PackingStats(0, 0, 0, 0, sequences, 0, 0), sequences);
  }

  /** The sequences of the stream in its order. */
  private static List<Integer> order() {
    List<Integer> order = new ArrayList<>();
    for (int window = 0; StreamOrder.firstShard(window) < SIZES.length; window++) {
      int first = IntStream.range(0, StreamOrder.firstShard(window)).map(i -> SIZES[i]).sum();
      int count =
          IntStream.range(
                  StreamOrder.firstShard(window), StreamOrder.endShard(window, SIZES.length))
              .map(i -> SIZES[i])
              .sum();
      for (int i = 0; i < count; i++) {
        order.add(
            first + (int) StreamOrder.ofWindow(window, count, FORMAT.layout(), SEED).indexAt(i));
      }
    }
    return order;
  }

  private static List<Integer> numbers(TokenRows rows) {
    return IntStream.range(0, rows.rows())
        .mapToObj(row -> rows.ids()[row * rows.seqLength()])
        .toList();
  }

  private static List<Integer> read(StreamReader reader, int step, int batch) {
    List<Integer> read = new ArrayList<>();
    boolean ends = step > 0 && reader.endsWith(step - 1);
    for (int at = step; !ends; at++) {
      read.addAll(numbers(reader.read(at, 0, batch)));
      ends = reader.endsWith(at);
    }
    return read;
  }

  @Test
  void everySequenceComesOnceInTheOrderOfShardsAndSeed() throws IOException {
    commit(0, SIZES.length);
    List<Integer> expected = order();
    assertThat(expected).doesNotHaveDuplicates().hasSize(SEQUENCES).isNotEqualTo(sorted());
    for (int batch : new int[] {1, 4, 5, SEQUENCES, 2 * SEQUENCES}) {
      try (StreamReader reader = open(batch, 0, batch)) {
        assertThat(read(reader, 0, batch)).as("batches of %d", batch).isEqualTo(expected);
      }
    }
  }

  private static List<Integer> sorted() {
    return IntStream.range(0, SEQUENCES).boxed().toList();
  }

  @Test
  void replicasShareTheBatchesAndAgreeOnTheEnd() throws IOException {
    commit(0, SIZES.length);
    List<Integer> both = new ArrayList<>();
    try (StreamReader first = open(6, 0, 3);
        StreamReader second = open(6, 1, 3)) {
      boolean ends = false;
      for (int step = 0; !ends; step++) {
        both.addAll(numbers(first.read(step, 0, 3)));
        both.addAll(numbers(second.read(step, 3, 3)));
        ends = first.endsWith(step);
        assertThat(second.endsWith(step)).isEqualTo(ends);
      }
    }
    assertThat(both).isEqualTo(order());
    assertThat(StreamMarks.of(store.list(), 2).windowsRead()).isEqualTo(2);
  }

  @Test
  void goesOnWithTheShardsFromItsWindowOnAlone() throws IOException {
    commit(8, SIZES.length);
    try (StreamReader reader = open(4, 0, 4)) {
      assertThat(read(reader, 6, 4)).isEqualTo(order().subList(24, SEQUENCES));
    }
    assertThat(StreamMarks.of(store.list(), 1).begin()).hasValue(24);
  }

  @Test
  void nothingIsLeftBehindTheLastStep() throws IOException {
    commit(8, SIZES.length);
    try (StreamReader reader = open(5, 0, 5)) {
      assertThat(read(reader, SEQUENCES / 5, 5)).isEmpty();
    }
  }

  @Test
  void waitsForTheShardsOfAWindow() throws Exception {
    CompletableFuture<List<Integer>> read =
        CompletableFuture.supplyAsync(
            () -> {
              try (StreamReader reader = open(4, 0, 4)) {
                return read(reader, 0, 4);
              }
            });
    for (int shard = 0; shard < SIZES.length; shard++) {
      assertThat(read).isNotDone();
      commit(shard, shard + 1);
    }
    assertThat(read.get()).isEqualTo(order());
  }

  /** The writer has room for one shard beside the window that is read. */
  @Test
  void windowsThatAreReadOrEmptyMakeRoom() throws Exception {
    CompletableFuture<List<Integer>> read =
        CompletableFuture.supplyAsync(
            () -> {
              try (StreamReader reader = open(1, 0, 1)) {
                return read(reader, 0, 1);
              }
            });
    int next = 0;
    while (!read.isDone()) {
      int room =
          StreamOrder.firstShard(StreamMarks.of(store.list(), 1).windowsRead())
              + StreamOrder.WINDOW_SHARDS
              + 1;
      for (; next < Math.min(room, SIZES.length); next++) {
        commit(next, next + 1);
      }
      Thread.onSpinWait();
    }
    assertThat(read.get()).isEqualTo(order());
  }

  @Test
  void endsWhileItWaits() throws IOException {
    commit(0, 2);
    CompletableFuture<TokenRows> read =
        CompletableFuture.supplyAsync(
            () -> {
              try (StreamReader reader = open(4, 0, 4)) {
                return reader.read(0, 0, 4);
              }
            });
    ended.set(true);
    assertThatThrownBy(read::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(DatasetException.class)
        .hasMessageContaining("waited for shard 2");
  }

  @Test
  void shardThatDoesNotComeIsNamedWithTheRemedy() {
    StreamReader reader =
        StreamReader.open(
            store,
            new LocalFolder(folder),
            FORMAT,
            SEED,
            new StreamReader.Rows(4, 0, 4, 0),
            Duration.ZERO,
            ended::get);
    try (reader) {
      assertThatThrownBy(() -> reader.read(0, 0, 4))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("Shard 0 of 10 of the stream did not come")
          .hasMessageContaining("raise stepTimeout");
    }
  }

  @Test
  void damagedCommitIsNamed() throws IOException {
    commit(0, SIZES.length);
    store.write("commit-00000002.json", new byte[] {'{'});
    try (StreamReader reader = open(4, 0, 4)) {
      assertThatThrownBy(() -> reader.read(0, 0, 4))
          .isInstanceOf(DatasetException.class)
          .hasMessageContaining("commit-00000002.json is damaged");
    }
  }
}
