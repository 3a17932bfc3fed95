package dev.penstock.examples.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/** The token ids of each step: random ones, or those of a file. */
final class BenchRows {
  private BenchRows() {}

  static int[][] of(BenchShape shape, int vocabSize) throws IOException {
    int rowsOfStep = shape.rows() * shape.seq;
    if (shape.ids == null) {
      Random random = new Random(1);
      return IntStream.range(0, shape.steps)
          .mapToObj(step -> random.ints(rowsOfStep, 0, vocabSize).toArray())
          .toArray(int[][]::new);
    }
    LongBuffer ids =
        ByteBuffer.wrap(Files.readAllBytes(Path.of(shape.ids)))
            .order(ByteOrder.LITTLE_ENDIAN)
            .asLongBuffer();
    int[][] data = new int[ids.remaining() / rowsOfStep][rowsOfStep];
    for (int[] step : data) {
      Arrays.setAll(step, i -> Math.toIntExact(ids.get()));
    }
    return data;
  }
}
