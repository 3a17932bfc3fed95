package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.penstock.datasets.DatasetException;
import dev.penstock.datasets.pack.PackingStats;
import dev.penstock.storage.Folder;
import dev.penstock.storage.LocalFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
  void namesOfTheFilesDoNotCountInTheFingerprint() {
    List<ShardInfo> renamed =
        manifest.shards().stream()
            .map(s -> new ShardInfo("x-" + s.name(), s.sequences(), s.length(), s.checksum()))
            .toList();
    ShardManifest other =
        new ShardManifest(
            manifest.seqLength(),
            manifest.vocabSize(),
            manifest.weighted(),
            manifest.padToMultipleOf(),
            manifest.tokenizerSha256(),
            manifest.layout(),
            manifest.stats(),
            renamed);
    assertThat(other.fingerprint()).isEqualTo(manifest.fingerprint());
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
        "\"version\" : 3 | \"version\" : 4",
        "penstock token shards | other",
        "\"seqLength\" | \"seqlength\"",
        "\"weighted\" | \"weights\"",
        "\"seqLength\" : 10 | \"seqLength\" : 0",
        "\"seqLength\" : 10 | \"seqLength\" : 10, \"seqLength\" : 10",
        "part-00000.tok | ../part-00000.tok",
        "\"sequences\" : 3 | \"sequences\" : -3",
        "\"stats\" : { | \"stats\" : null, \"x\" : {",
        "\"sequencesPerBlock\" : 3 | \"sequencesPerBlock\" : 2",
        "\"blocksPerWindow\" : 4 | \"blocksPerWindow\" : 2147483647",
        "\"sequences\" : 3 | \"sequences\" : 9223372036854775807",
        "\"seqLength\" : 10 | \"seqLength\" : 2147483647",
        "\"vocabSize\" : | \"vocabSize\" : 1",
        "\"tokenizerSha256\" : \"abc\" | \"tokenizerSha256\" : \"abd\"",
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

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 4, Long.MAX_VALUE, Long.MAX_VALUE / 44})
  void countsThatTheFilesCannotHaveAreRefused(long sequences) {
    ShardInfo honest = manifest.shards().get(0);
    assertThatThrownBy(
            () ->
                new ShardManifest(
                    manifest.seqLength(),
                    manifest.vocabSize(),
                    manifest.weighted(),
                    manifest.padToMultipleOf(),
                    manifest.tokenizerSha256(),
                    manifest.layout(),
                    manifest.stats(),
                    List.of(
                        new ShardInfo(
                            honest.name(), sequences, honest.length(), honest.checksum()))))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining(honest.name());
  }

  @Test
  void windowThatDoesNotFitIntoMemoryIsRefused() throws IOException {
    new ShardManifest(
            1 << 28,
            manifest.vocabSize(),
            manifest.weighted(),
            manifest.padToMultipleOf(),
            manifest.tokenizerSha256(),
            manifest.layout(),
            new PackingStats(0, 0, 0, 0, 4, 0, 0),
            List.of(new ShardInfo("a", 4, new ShardFormat(1 << 28, 9, false).fileBytes(4), 0)))
        .write(store);
    assertThatThrownBy(() -> BatchReader.open(store, SEED, 1, 0, 1))
        .isInstanceOf(DatasetException.class)
        .hasMessageContaining("do not fit into memory");
  }

  @Test
  void anyDamageIsRefused() throws IOException {
    Path file = folder.resolve(ShardManifest.FILE_NAME);
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(SEED);
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] bad = good.clone();
      bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
      Files.write(file, bad);
      try {
        assertThat(ShardManifest.read(store)).isEqualTo(manifest);
      } catch (DatasetException e) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1900); // the others changed white space, or nothing
  }
}
