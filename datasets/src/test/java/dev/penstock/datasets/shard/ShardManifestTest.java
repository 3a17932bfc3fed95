package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShardManifestTest {
  private static final long SEED = 1;

  @TempDir Path folder;

  private Folder store;
  private ShardManifest manifest;

  @BeforeEach
  void stage() throws IOException {
    store = new LocalFolder(folder);
    manifest = TestingShards.write(store, 3, 4);
  }

  @Test
  void writtenManifestIsReadBack() throws IOException {
    ShardManifest read = ShardManifest.read(store);
    assertThat(read).isEqualTo(manifest);
    assertThat(read.fingerprint()).isEqualTo(manifest.fingerprint()).hasSize(64);
    assertThat(read.numSequences()).isEqualTo(7);
  }

  @Test
  void otherDataHaveAnotherFingerprint() throws IOException {
    assertThat(TestingShards.write(store, 4, 3).fingerprint()).isNotEqualTo(manifest.fingerprint());
  }

  @Test
  void otherTokenizerIsNoticed() {
    manifest.checkTokenizer(TestingShards.TOKENIZER);
    assertThatThrownBy(() -> manifest.checkTokenizer("def"))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("abc")
        .hasMessageContaining("def");
  }

  @Test
  void folderWithoutManifestIsIncomplete() throws IOException {
    store.delete(ShardManifest.FILE_NAME);
    assertThatThrownBy(() -> ShardManifest.read(store))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("did not complete");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"version\" : 1 | \"version\" : 2",
        "penstock token shards | other",
        "\"seqLength\" | \"seqlength\"",
        "\"weighted\" | \"weights\"",
        "\"seqLength\" : 10 | \"seqLength\" : 0",
        "\"seqLength\" : 10 | \"seqLength\" : 10, \"seqLength\" : 10",
        "part-00000.tok | ../part-00000.tok",
        "\"sequences\" : 3 | \"sequences\" : -3",
        "\"stats\" : { | \"stats\" : null, \"x\" : {",
      })
  void damagedManifestIsRefused(String good, String bad) throws IOException {
    Path file = folder.resolve(ShardManifest.FILE_NAME);
    String json = Files.readString(file);
    assertThat(json).contains(good);
    Files.writeString(file, json.replace(good, bad));
    assertThatThrownBy(() -> ShardManifest.read(store))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("manifest.json");
  }

  @Test
  void anyDamageIsReadOrRefused() throws IOException {
    Path file = folder.resolve(ShardManifest.FILE_NAME);
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      Files.write(file, bad);
      try {
        ShardManifest.read(store);
      } catch (DatasetException e) {
        refused++;
      }
    }
    assertThat(refused).isBetween(500, 1999);
  }
}
