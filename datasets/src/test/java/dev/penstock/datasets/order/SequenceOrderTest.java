package dev.penstock.datasets.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.LongPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SequenceOrderTest {
  private static final long SEED = 5;
  private static final BlockLayout SMALL = new BlockLayout(4, 3);

  @Test
  void everyEpochVisitsEverySequenceOnce() {
    for (long n = 1; n <= 60; n++) {
      for (BlockLayout layout :
          new BlockLayout[] {SMALL, new BlockLayout(1, 1), new BlockLayout(7, 2)}) {
        SequenceOrder order = new SequenceOrder(n, layout, SEED);
        for (long epoch = 0; epoch < 5; epoch++) {
          assertThat(LongStream.of(epoch(order, epoch)).sorted().toArray())
              .isEqualTo(LongStream.range(0, n).toArray());
        }
      }
    }
  }

  @Test
  void largeEpochVisitsEverySequenceOnce() {
    long n = 10_007;
    SequenceOrder order = new SequenceOrder(n, new BlockLayout(16, 8), SEED);
    assertThat(LongStream.of(epoch(order, 3)).sorted().toArray())
        .isEqualTo(LongStream.range(0, n).toArray());
  }

  @Test
  void orderIsTheOneThatStoredRunsRelyOn() {
    SequenceOrder order = new SequenceOrder(22, SMALL, 42);
    int[] first22 = {16, 0, 1, 19, 13, 3, 2, 18, 15, 14, 12, 17, 10, 5, 21, 7, 4, 8, 9, 11, 6, 20};
    int[] next8 = {8, 9, 2, 6, 3, 7, 1, 0};
    assertThat(IntStream.range(0, 30).map(position -> (int) order.indexAt(position)).toArray())
        .isEqualTo(IntStream.concat(IntStream.of(first22), IntStream.of(next8)).toArray());
  }

  @Test
  void epochsAndSeedsDiffer() {
    SequenceOrder order = new SequenceOrder(500, SMALL, SEED);
    assertThat(epoch(order, 0)).isNotEqualTo(epoch(order, 1));
    assertThat(epoch(order, 0)).isNotEqualTo(epoch(new SequenceOrder(500, SMALL, SEED + 1), 0));
    assertThat(epoch(order, 0)).isEqualTo(epoch(new SequenceOrder(500, SMALL, SEED), 0));
  }

  @Test
  void anyPositionIsReachedDirectly() {
    SequenceOrder order = new SequenceOrder(4_000_000_000_000L, new BlockLayout(64, 64), SEED);
    Random random = new Random(SEED);
    for (int i = 0; i < 1000; i++) {
      long position = random.nextLong(Long.MAX_VALUE / 2);
      assertThat(order.indexAt(position)).isBetween(0L, order.numSequences() - 1);
      assertThat(order.epochAt(position)).isEqualTo(position / order.numSequences());
    }
  }

  @Test
  void windowsAreVisitedOneAfterTheOther() {
    SequenceOrder order = new SequenceOrder(101, SMALL, SEED);
    long window = 0;
    for (long position = 0; position < 5 * 101; position++) {
      assertThat(order.windowAt(position)).isBetween(window, window + 1);
      window = order.windowAt(position);
      assertThat(order.offsetInWindow(position))
          .isBetween(0, order.ranges(window).stream().mapToInt(SequenceRange::count).sum() - 1);
    }
    assertThat(window).isEqualTo(5 * 9 - 1);
  }

  @Test
  void partOfAWindowHasTheSequencesOfItsPositionsAndNoOthers() {
    SequenceOrder order = new SequenceOrder(101, SMALL, SEED);
    for (long window = 0; window < 5 * 9; window++) {
      long number = window;
      LongPredicate own = position -> position % 6 == 1 || position % 6 == 2;
      WindowPart part = order.part(window, own);
      long[] read =
          part.ranges().stream()
              .flatMapToLong(r -> LongStream.range(r.first(), r.first() + r.count()))
              .toArray();
      long[] positions =
          LongStream.range(0, 5 * 101)
              .filter(position -> order.windowAt(position) == number)
              .toArray();
      for (long position : positions) {
        int index = part.indexOf(order.offsetInWindow(position));
        assertThat(index >= 0).isEqualTo(own.test(position));
        if (index >= 0) {
          assertThat(read[index]).isEqualTo(order.indexAt(position));
        }
      }
      assertThat(read).hasSize((int) LongStream.of(positions).filter(own).count());
      assertThat(order.part(window, position -> true).ranges()).isEqualTo(order.ranges(window));
    }
  }

  @Test
  void neighboursAreParted() {
    long[] epoch = epoch(new SequenceOrder(10_000, new BlockLayout(32, 64), SEED), 0);
    long neighbours = 0;
    for (int i = 1; i < epoch.length; i++) {
      neighbours += Math.abs(epoch[i] - epoch[i - 1]) == 1 ? 1 : 0;
    }
    assertThat(neighbours).isLessThan(epoch.length / 100);
  }

  @Test
  void placesAreDrawnEvenly() {
    int[] counts = new int[8];
    for (long seed = 0; seed < 8000; seed++) {
      counts[(int) new Permutation(8, Permutation.mix(seed, 0, 0)).apply(3)]++;
    }
    assertThat(Arrays.stream(counts)).allMatch(count -> count > 850 && count < 1150);
  }

  @Test
  void permutationIsInvertible() {
    Permutation permutation = new Permutation(1000, SEED);
    assertThat(LongStream.range(0, 1000).map(permutation::apply).map(permutation::invert))
        .containsExactlyElementsOf(LongStream.range(0, 1000).boxed().toList());
  }

  @Test
  void blockIsAQuarterOfAMegabyte() {
    assertThat(BlockLayout.forSeqLength(128).sequencesPerBlock()).isEqualTo(512);
    assertThat(BlockLayout.forSeqLength(2048).sequencesPerBlock()).isEqualTo(32);
    assertThat(BlockLayout.forSeqLength(1 << 20).sequencesPerBlock()).isEqualTo(1);
  }

  @Test
  void emptyDataAndImpossibleLayoutsAreRefused() {
    assertThatThrownBy(() -> new SequenceOrder(0, SMALL, SEED))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("0 sequences");
    assertThatThrownBy(() -> new BlockLayout(0, 1)).isInstanceOf(DatasetException.class);
    assertThatThrownBy(() -> new BlockLayout(1 << 20, 1 << 20))
        .isInstanceOf(DatasetException.class);
  }

  private static long[] epoch(SequenceOrder order, long epoch) {
    long n = order.numSequences();
    return LongStream.range(epoch * n, (epoch + 1) * n).map(order::indexAt).toArray();
  }
}
