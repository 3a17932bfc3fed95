package dev.penstock.engine.checkpoint;

import dev.penstock.engine.model.Parameter;
import dev.penstock.engine.safetensors.ModelWeights;
import dev.penstock.engine.safetensors.TensorEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/** Fills parameters from safetensors files, reading only their own byte ranges. */
public final class WeightReader {
  /** Enough for full speed from object stores, little beside any model. */
  private static final long CHUNK_BYTES = 32L << 20;

  private WeightReader() {}

  /**
   * Reads the value of each parameter, converted to its dtype and device.
   *
   * @param weights a folder that {@link WeightCheck} passed
   */
  public static void read(ModelWeights weights, Collection<Parameter> parameters)
      throws IOException {
    try (NoGradGuard noGrad = new NoGradGuard()) {
      for (Parameter parameter : parameters) {
        read(weights, parameter);
      }
    }
  }

  private static void read(ModelWeights weights, Parameter parameter) throws IOException {
    TensorEntry entry = weights.entry(parameter.name());
    long elementBytes = entry.dtype().byteSize();
    long chunk = CHUNK_BYTES / elementBytes;
    for (long begin = 0; begin < entry.numElements(); begin += chunk) {
      long count = Math.min(chunk, entry.numElements() - begin);
      try (PointerScope scope = new PointerScope()) {
        BytePointer bytes = new BytePointer(count * elementBytes);
        ByteBuffer buffer = bytes.asByteBuffer();
        weights.read(parameter.name(), begin * elementBytes, buffer);
        Tensor stored =
            torch.from_blob(
                bytes, new long[] {count}, new TensorOptions(ElementTypes.toTorch(entry.dtype())));
        parameter.value().view(-1).narrow(0, begin, count).copy_(stored);
      }
    }
  }
}
