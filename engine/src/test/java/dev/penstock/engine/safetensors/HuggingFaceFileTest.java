package dev.penstock.engine.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Files that the reference implementation wrote. */
class HuggingFaceFileTest {
  @Test
  void modelWrittenByTransformersIsRead() throws IOException {
    byte[] bytes = resource("model.safetensors");
    try (SafetensorsFile file = TestingFiles.open(bytes)) {
      assertThat(file.metadata()).isEqualTo(SafetensorsHeader.PYTORCH_METADATA);
      assertThat(file.entries()).hasSize(3 + 4 * 9);
      TensorEntry embedding = file.entry("model.embed_tokens.weight");
      assertThat(embedding.dtype()).isEqualTo(DType.F32);
      assertThat(embedding.shape()).containsExactly(320L, 64L);
      assertThat(norm(file, "model.embed_tokens.weight")).isBetween(1.0, 1000.0);
    }
  }

  @Test
  void gradientNormsOfTheReferenceAreReproduced() throws IOException {
    String json = new String(resource("golden.json"), StandardCharsets.UTF_8);
    Set<String> compared = new TreeSet<>();
    try (SafetensorsFile file = TestingFiles.open(resource("golden.safetensors"))) {
      for (TensorEntry entry : file.entries()) {
        Matcher expected =
            Pattern.compile(
                    "\""
                        + Pattern.quote(entry.name().replaceFirst("^grads?\\.", ""))
                        + "\": ([-0-9.e]+)")
                .matcher(json);
        if (entry.dtype() == DType.F32 && expected.find()) {
          double norm = Double.parseDouble(expected.group(1));
          assertThat(norm(file, entry.name())).isCloseTo(norm, within(1e-5 * norm));
          compared.add(entry.name());
        }
      }
    }
    assertThat(compared).isNotEmpty();
  }

  @Test
  void writingTheModelAgainGivesTheSameTensors() throws IOException {
    try (SafetensorsFile file = TestingFiles.open(resource("model.safetensors"))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      SafetensorsWriter writer =
          new SafetensorsWriter(
              out,
              "copy",
              file.entries().stream()
                  .map(e -> new TensorInfo(e.name(), e.dtype(), e.shape()))
                  .toList(),
              file.metadata());
      for (TensorEntry entry : file.entries()) {
        writer.write(entry.name(), bytes(file, entry.name()));
      }
      writer.finish();

      try (SafetensorsFile copy = TestingFiles.open(out.toByteArray())) {
        assertThat(copy.entries()).containsExactlyElementsOf(file.entries());
        for (TensorEntry entry : file.entries()) {
          assertThat(bytes(copy, entry.name())).isEqualTo(bytes(file, entry.name()));
        }
      }
    }
  }

  private static double norm(SafetensorsFile file, String tensor) throws IOException {
    ByteBuffer bytes = bytes(file, tensor).order(ByteOrder.LITTLE_ENDIAN);
    double sum = 0;
    while (bytes.hasRemaining()) {
      double value = bytes.getFloat();
      sum += value * value;
    }
    return Math.sqrt(sum);
  }

  private static ByteBuffer bytes(SafetensorsFile file, String tensor) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate((int) file.entry(tensor).byteLength());
    file.read(tensor, bytes);
    return bytes.flip();
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = HuggingFaceFileTest.class.getResourceAsStream("/hf/llama/" + name)) {
      return in.readAllBytes();
    }
  }
}
