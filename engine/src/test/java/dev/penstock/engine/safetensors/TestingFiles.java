package dev.penstock.engine.safetensors;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Safetensors files made by hand. */
final class TestingFiles {
  private TestingFiles() {}

  /** A file with any header, valid or not, and {@code dataLength} bytes of data. */
  static byte[] withHeader(String json, int dataLength) {
    return withHeader(json.getBytes(StandardCharsets.UTF_8), dataLength);
  }

  static byte[] withHeader(byte[] json, int dataLength) {
    ByteBuffer file =
        ByteBuffer.allocate(8 + json.length + dataLength).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(json.length).put(json);
    for (int i = 0; i < dataLength; i++) {
      file.put((byte) i);
    }
    return file.array();
  }

  /** A written file in which byte i of each tensor is i. */
  static byte[] counting(TensorInfo... tensors) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    SafetensorsWriter writer =
        new SafetensorsWriter(
            out, "test.safetensors", List.of(tensors), SafetensorsHeader.PYTORCH_METADATA);
    for (TensorInfo tensor : tensors) {
      writer.write(tensor.name(), counting((int) tensor.byteLength()));
    }
    writer.finish();
    return out.toByteArray();
  }

  static ByteBuffer counting(int length) {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    for (int i = 0; i < length; i++) {
      bytes.put((byte) i);
    }
    return bytes.flip();
  }

  static TensorInfo f32(String name, Long... shape) {
    return new TensorInfo(name, DType.F32, List.of(shape));
  }

  static byte[] index(Map<String, String> fileByTensor) {
    return new SafetensorsIndex(0, fileByTensor).toBytes();
  }

  static SafetensorsFile open(byte[] bytes) throws IOException {
    return SafetensorsFile.open(new TestingByteChannel(bytes), "test.safetensors", bytes.length);
  }
}
