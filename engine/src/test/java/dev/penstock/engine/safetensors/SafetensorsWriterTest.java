package dev.penstock.engine.safetensors;

import static dev.penstock.engine.safetensors.TestingFiles.f32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafetensorsWriterTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void tensorsComeInPiecesFromAnyKindOfBuffer() throws IOException {
    SafetensorsWriter writer = writer(f32("empty", 0L), f32("a", 500L), f32("b", 2L));
    ByteBuffer bytes = TestingFiles.counting(2000);
    writer.write("empty", ByteBuffer.allocate(0));
    writer.write("a", bytes.slice(0, 700));
    writer.write("a", ByteBuffer.allocateDirect(1300).put(bytes.slice(700, 1300)).flip());
    writer.write("b", bytes.slice(0, 8).asReadOnlyBuffer());
    writer.finish();

    try (SafetensorsFile file = TestingFiles.open(out.toByteArray())) {
      ByteBuffer a = ByteBuffer.allocate(2000);
      file.read("a", a);
      assertThat(a.flip()).isEqualTo(bytes);
      assertThat(file.entry("b").shape()).containsExactly(2L);
      assertThat(file.entry("empty").numElements()).isZero();
    }
  }

  @Test
  void tensorOutOfTurnIsRefused() throws IOException {
    SafetensorsWriter writer = writer(f32("a", 2L), f32("b", 2L));
    writer.write("a", ByteBuffer.allocate(4));
    assertThatThrownBy(() -> writer.write("b", ByteBuffer.allocate(8)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the next are 4 bytes of tensor 'a'");
  }

  @Test
  void tooManyBytesAreRefused() throws IOException {
    SafetensorsWriter writer = writer(f32("a", 2L));
    assertThatThrownBy(() -> writer.write("a", ByteBuffer.allocate(9)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("9 bytes of tensor 'a' came");
    writer.write("a", ByteBuffer.allocate(8));
    assertThatThrownBy(() -> writer.write("a", ByteBuffer.allocate(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("all 1 tensors are written");
  }

  @Test
  void missingBytesAreNoticedAtTheEnd() throws IOException {
    SafetensorsWriter writer = writer(f32("a", 2L), f32("b", 1L));
    writer.write("a", ByteBuffer.allocate(8));
    assertThatThrownBy(writer::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the next are 4 bytes of tensor 'b'");
  }

  @Test
  void impossibleTensorsAreRefused() {
    assertThatThrownBy(() -> f32("a", -1L)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> f32("a", Long.MAX_VALUE)).isInstanceOf(IllegalArgumentException.class);
  }

  private SafetensorsWriter writer(TensorInfo... tensors) throws IOException {
    return new SafetensorsWriter(out, "test.safetensors", List.of(tensors), Map.of());
  }
}
