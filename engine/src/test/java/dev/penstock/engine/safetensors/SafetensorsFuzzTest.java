package dev.penstock.engine.safetensors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever happens to a file, it is read as a file or refused as one. */
class SafetensorsFuzzTest {
  private static final long SEED = 20240611;
  private static final int ROUNDS = 20_000;

  @Test
  void damagedFilesAreReadOrRefused() throws IOException {
    byte[] valid =
        TestingFiles.counting(
            TestingFiles.f32("model.embed_tokens.weight", 4L, 3L),
            new TensorInfo("ids", DType.I64, List.of(2L)),
            TestingFiles.f32("empty", 0L),
            TestingFiles.f32("scalar"));
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      refused += isRefused(damage(valid, random)) ? 1 : 0;
    }
    assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
  }

  @Test
  void damagedIndexIsReadOrRefused() {
    byte[] valid =
        new SafetensorsIndex(
                12, Map.of("a", "model-1.safetensors", "b.weight", "model-2.safetensors"))
            .toBytes();
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < ROUNDS; round++) {
      try {
        SafetensorsIndex.parse(damage(valid, random), "index");
      } catch (SafetensorsException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(ROUNDS / 4, ROUNDS - 1);
  }

  private static boolean isRefused(byte[] bytes) throws IOException {
    try (SafetensorsFile file = TestingFiles.open(bytes)) {
      for (TensorEntry entry : file.entries()) {
        assertThat(entry.byteLength()).isBetween(0L, (long) bytes.length);
        file.read(entry.name(), ByteBuffer.allocate((int) entry.byteLength()));
      }
      return false;
    } catch (SafetensorsException e) {
      assertThat(e.getMessage()).contains("test.safetensors").hasSizeLessThan(2000);
      return true;
    }
  }

  private static byte[] damage(byte[] valid, Random random) {
    byte[] bytes =
        random.nextInt(4) == 0
            ? Arrays.copyOf(valid, random.nextInt(valid.length + 20))
            : valid.clone();
    int flips = bytes.length == 0 ? 0 : random.nextInt(4);
    for (int i = 0; i < flips; i++) {
      int position = random.nextInt(bytes.length);
      bytes[position] =
          random.nextBoolean()
              ? (byte) random.nextInt(256)
              : (byte) "{}[]\":,0123456789-eE ".charAt(random.nextInt(21));
    }
    return bytes;
  }
}
