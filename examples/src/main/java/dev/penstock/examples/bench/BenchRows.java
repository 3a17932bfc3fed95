package dev.penstock.examples.bench;

import dev.penstock.engine.config.ConfigException;
import dev.penstock.engine.torch.HostTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

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
    long[] ids = read(Path.of(shape.ids), shape);
    int[][] data = new int[ids.length / rowsOfStep][rowsOfStep];
    for (int i = 0; i < data.length * rowsOfStep; i++) {
      data[i / rowsOfStep][i % rowsOfStep] = Math.toIntExact(ids[i]);
    }
    return data;
  }

  /** What {@code torch.save} wrote: one tensor of at least one step. */
  private static long[] read(Path file, BenchShape shape) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try (PointerScope scope = new PointerScope()) {
      Tensor ids = torch.pickle_load(new ByteVector(bytes)).toTensor();
      boolean fits =
          ids.scalar_type().intern() == ScalarType.Long
              && ids.dim() == 3
              && ids.size(0) > 0
              && ids.size(1) == shape.rows()
              && ids.size(2) == shape.seq;
      if (!fits) {
        throw new ConfigException(
            String.format(
                Locale.ROOT,
                "%s has a tensor %s of %s, but --ids wants int64 [steps, %d, %d]: n-mb * mb rows of seq tokens a step.",
                file,
                Arrays.toString(HostTensors.shape(ids)),
                ids.scalar_type().intern(),
                shape.rows(),
                shape.seq));
      }
      return HostTensors.toLongs(ids);
    } catch (RuntimeException e) {
      throw e instanceof ConfigException
          ? e
          : new ConfigException(
              "%s cannot be read as a tensor that torch.save wrote: %s"
                  .formatted(file, String.valueOf(e.getMessage()).lines().findFirst().orElse("")));
    }
  }
}
