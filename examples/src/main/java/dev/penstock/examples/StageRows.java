package dev.penstock.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The rows that {@link CustomStages} trains on. */
record StageRows(Tensor inputs, Tensor targets) {
  private static final int ROWS = 32;
  private static final long SUM = 2;
  private static final long IGNORE = -100;

  /**
   * The tensors {@code inputs} and {@code targets} of a safetensors file, or 32 rows of 4 numbers.
   * In the caller's PointerScope.
   */
  static StageRows of(@Nullable Path file) {
    if (file == null) {
      Tensor inputs =
          torch.arange(new Scalar(ROWS * 4)).view(ROWS, 4).to(torch.ScalarType.Float).sin();
      return new StageRows(inputs, inputs.abs());
    }
    try {
      return new StageRows(TensorFile.read(file, "inputs"), TensorFile.read(file, "targets"));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read " + file, e);
    }
  }

  long count() {
    return inputs.size(0);
  }

  /** Cross-entropy where targets are classes, else squared error; summed. */
  static Tensor loss(Tensor output, Tensor target) {
    return target.scalar_type().intern() == ScalarType.Long
        ? torch.cross_entropy_loss(
            output.reshape(-1, output.size(-1)),
            target.reshape(-1),
            new TensorOptional(),
            SUM,
            IGNORE,
            0.0)
        : torch.mse_loss(output, target, SUM);
  }
}
