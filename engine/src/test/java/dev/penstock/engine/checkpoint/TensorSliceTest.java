package dev.penstock.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TensorSliceTest {
  private static final List<List<Long>> SHAPES =
      List.of(
          List.of(), List.of(7L), List.of(4L, 5L), List.of(3L, 1L, 4L), List.of(2L, 3L, 2L, 2L));

  /** The elements of the whole tensor that a box has, in its order. */
  private static List<Long> elements(TensorSlice box) {
    List<Long> elements = List.of(0L);
    for (int i = 0; i < box.shape().size(); i++) {
      List<Long> next = new ArrayList<>();
      for (long element : elements) {
        for (long index = 0; index < box.sizes().get(i); index++) {
          next.add(element * box.shape().get(i) + box.offsets().get(i) + index);
        }
      }
      elements = next;
    }
    return elements;
  }

  private static long numel(List<Long> shape) {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  @Test
  void everyRangeIsBoxesInOrder() {
    for (List<Long> shape : SHAPES) {
      for (long begin = 0; begin <= numel(shape); begin++) {
        for (long end = begin; end <= numel(shape); end++) {
          List<TensorSlice> boxes = TensorSlice.ofRange("t", shape, begin, end);
          assertThat(boxes.stream().flatMap(box -> elements(box).stream()))
              .containsExactlyElementsOf(
                  Stream.iterate(begin, i -> i + 1).limit(end - begin).toList());
          assertThat(boxes.size()).isLessThanOrEqualTo(Math.max(1, 2 * shape.size() - 1));
        }
      }
    }
  }

  @Test
  void commonRunsAreTheElementsThatBothHave() {
    Random random = new Random(3);
    for (int round = 0; round < 2000; round++) {
      List<Long> shape = SHAPES.get(round % SHAPES.size());
      TensorSlice one = box(shape, random);
      TensorSlice other = box(shape, random);
      List<Long> mine = elements(one);
      List<Long> theirs = elements(other);
      List<Long> common = new ArrayList<>();
      one.visitCommon(
          other,
          (first, second, count) -> {
            for (int i = 0; i < count; i++) {
              assertThat(mine.get((int) first + i)).isEqualTo(theirs.get((int) second + i));
              common.add(mine.get((int) first + i));
            }
          });
      assertThat(common).containsExactlyElementsOf(mine.stream().filter(theirs::contains).toList());
    }
  }

  private static TensorSlice box(List<Long> shape, Random random) {
    List<Long> offsets = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    for (long size : shape) {
      long offset = random.nextInt((int) size + 1);
      offsets.add(offset);
      sizes.add((long) random.nextInt((int) (size - offset) + 1));
    }
    return new TensorSlice("t", shape, offsets, sizes);
  }

  @Test
  void wholeRowsOfEqualWidthAreOneRun() {
    TensorSlice rows = new TensorSlice("t", List.of(8L, 6L), List.of(2L, 0L), List.of(4L, 6L));
    List<Long> runs = new ArrayList<>();
    rows.visitCommon(
        TensorSlice.whole("t", List.of(8L, 6L)), (first, second, count) -> runs.add(count));
    assertThat(runs).containsExactly(24L);
  }

  @Test
  void boxOutsideItsTensorIsRefused() {
    assertThatThrownBy(
            () -> new TensorSlice("t", List.of(4L), List.of(Long.MAX_VALUE), List.of(1L)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no box of tensor t of shape [4]");
    assertThatThrownBy(
            () ->
                new TensorSlice("t", List.of(1L << 40, 1L << 40), List.of(0L, 0L), List.of(1L, 1L)))
        .isInstanceOf(ArithmeticException.class);
  }
}
