package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightsDigestTest {
  private static final String NAME = "model.safetensors";

  @TempDir Path folder;

  private String digest(String name, String file, byte[] weights) throws IOException {
    Path model = Files.createDirectories(folder.resolve(name));
    Files.write(model.resolve(file), weights);
    Files.writeString(model.resolve("config.json"), name);
    WeightsDigest digest = new WeightsDigest();
    digest.add(HadoopFolder.of(model.toUri().toString(), new Configuration()));
    return digest.finish();
  }

  private static byte[] random(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Test
  void sameWeightsAreTheSameAnywhereAndOthersOfOneLengthAreNot() throws IOException {
    for (int length : new int[] {0, 1, 100_000, 1 << 20, 5_000_001}) {
      String digest = digest("a", NAME, random(length, 1));
      assertThat(digest("b", NAME, random(length, 1))).isEqualTo(digest);
      if (length > 0) {
        assertThat(digest("c", NAME, random(length, 2))).isNotEqualTo(digest);
      }
    }
    byte[] weights = random(3_000_000, 1);
    String digest = digest("a", NAME, weights);
    weights[weights.length - 1] ^= 1;
    assertThat(digest("d", NAME, weights)).isNotEqualTo(digest);
  }

  @Test
  void namesAreFollowed() throws IOException {
    assertThat(digest("a", NAME, random(10, 1)))
        .isNotEqualTo(digest("b", "model-00001-of-00001.safetensors", random(10, 1)));
  }

  @Test
  void everyByteOfASmallFileCounts() throws IOException {
    byte[] weights = random(200_000, 1);
    String digest = digest("a", NAME, weights);
    for (int at = 0; at < weights.length; at += 9_999) {
      weights[at] ^= 1;
      assertThat(digest("b", NAME, weights)).isNotEqualTo(digest);
      weights[at] ^= 1;
    }
  }
}
