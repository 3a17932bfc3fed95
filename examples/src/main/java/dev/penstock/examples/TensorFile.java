package dev.penstock.examples;

import dev.penstock.engine.safetensors.DType;
import dev.penstock.engine.safetensors.SafetensorsFile;
import dev.penstock.engine.safetensors.TensorEntry;
import dev.penstock.engine.torch.HostTensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Tensors of float32 or int64 that Python saved with {@code safetensors.torch.save_file}. */
final class TensorFile {
  private TensorFile() {}

  /** Reads a tensor into the caller's PointerScope. */
  static Tensor read(Path path, String name) throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(FileChannel.open(path), path.toString(), Files.size(path))) {
      TensorEntry entry = file.entry(name);
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(entry.byteLength()));
      file.read(name, bytes.order(ByteOrder.LITTLE_ENDIAN));
      long[] shape = entry.shape().stream().mapToLong(Long::longValue).toArray();
      return HostTensors.attach(tensor(entry.dtype(), bytes.flip(), shape));
    }
  }

  private static Tensor tensor(DType dtype, ByteBuffer bytes, long[] shape) {
    if (dtype == DType.I64) {
      long[] values = new long[bytes.remaining() / Long.BYTES];
      bytes.asLongBuffer().get(values);
      return HostTensors.ofLongs(values, "cpu", shape);
    }
    if (dtype != DType.F32) {
      throw new IllegalArgumentException("Tensors must be F32 or I64, not " + dtype);
    }
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    try (TensorOptions options = HostTensors.options(ScalarType.Float, "cpu")) {
      return HostTensors.ofFloats(values, options, shape);
    }
  }
}
