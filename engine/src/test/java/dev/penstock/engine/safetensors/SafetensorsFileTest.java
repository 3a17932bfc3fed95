package dev.penstock.engine.safetensors;

import static dev.penstock.engine.safetensors.TestingFiles.f32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SafetensorsFileTest {
  @Test
  void wholeTensorIsReadIntoHeapAndDirectBuffers() throws IOException {
    try (SafetensorsFile file =
        TestingFiles.open(TestingFiles.counting(f32("a", 3L), f32("b", 1000L)))) {
      ByteBuffer heap = ByteBuffer.allocate(4000);
      ByteBuffer direct = ByteBuffer.allocateDirect(4000);
      file.read("b", heap);
      file.read("b", direct);
      assertThat(heap.flip()).isEqualTo(TestingFiles.counting(4000));
      assertThat(direct.flip()).isEqualTo(TestingFiles.counting(4000));
    }
  }

  @Test
  void onlyTheRangeAskedForIsRead() throws IOException {
    byte[] bytes = TestingFiles.counting(f32("a", 10_000L), f32("b", 10_000L));
    TestingByteChannel channel = new TestingByteChannel(bytes);
    SafetensorsFile file = SafetensorsFile.open(channel, "test.safetensors", bytes.length);
    long header = channel.bytesRead();
    ByteBuffer range = ByteBuffer.allocate(8);
    file.read("b", 100, range);

    assertThat(range.flip().get(0)).isEqualTo((byte) 100);
    assertThat(channel.bytesRead() - header).isEqualTo(8);
  }

  @Test
  void tensorOfMoreThanTwoGigabytesIsReadInParts() throws IOException {
    SafetensorsHeader header =
        SafetensorsHeader.layOut(List.of(f32("huge", 1L << 20, 1L << 20)), Map.of());
    long length = header.dataStart() + header.dataLength();
    TestingByteChannel channel = new TestingByteChannel(header.toBytes(), length);
    try (SafetensorsFile file = SafetensorsFile.open(channel, "huge.safetensors", length)) {
      assertThat(file.entry("huge").byteLength()).isEqualTo(1L << 42);
      ByteBuffer last = ByteBuffer.allocate(8);
      file.read("huge", (1L << 42) - 8, last);
      assertThat(last.get(7)).isEqualTo((byte) (length - 1));
    }
  }

  @Test
  void rangeOutsideTheTensorIsRefused() throws IOException {
    try (SafetensorsFile file = TestingFiles.open(TestingFiles.counting(f32("a", 3L)))) {
      for (long offset : new long[] {-1, 5, 12, Long.MAX_VALUE}) {
        assertThatThrownBy(() -> file.read("a", offset, ByteBuffer.allocate(8)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("12 bytes");
      }
      assertThatThrownBy(() -> file.read("a", ByteBuffer.allocate(11)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("11 bytes");
    }
  }

  @Test
  void unknownTensorIsNamed() throws IOException {
    try (SafetensorsFile file = TestingFiles.open(TestingFiles.counting(f32("a", 3L)))) {
      assertThatThrownBy(() -> file.entry("b"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("test.safetensors has no tensor 'b'");
    }
  }

  @Test
  void channelIsClosedWithTheFileAndWhenOpeningFails() throws IOException {
    byte[] bytes = TestingFiles.counting(f32("a", 3L));
    TestingByteChannel channel = new TestingByteChannel(bytes);
    SafetensorsFile.open(channel, "test.safetensors", bytes.length).close();
    assertThat(channel.isOpen()).isFalse();

    TestingByteChannel damaged = new TestingByteChannel(new byte[3]);
    assertThatThrownBy(() -> SafetensorsFile.open(damaged, "test.safetensors", 3))
        .isInstanceOf(SafetensorsException.class);
    assertThat(damaged.isOpen()).isFalse();
  }
}
