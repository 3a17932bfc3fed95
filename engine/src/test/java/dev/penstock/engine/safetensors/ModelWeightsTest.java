package dev.penstock.engine.safetensors;

import static dev.penstock.engine.safetensors.TestingFiles.f32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelWeightsTest {
  private static final String SHARD_1 = "model-00001-of-00002.safetensors";
  private static final String SHARD_2 = "model-00002-of-00002.safetensors";

  @Test
  void singleFileIsPreferredToAnIndex() throws IOException {
    TestingFileSource source =
        sharded().with(ModelWeights.SINGLE_FILE, TestingFiles.counting(f32("only", 2L)));
    try (ModelWeights weights = ModelWeights.open(source)) {
      assertThat(weights.names()).containsExactly("only");
      assertThat(weights.entry("only").shape()).containsExactly(2L);
    }
    assertThat(source.allClosed()).isTrue();
  }

  @Test
  void onlyTheShardsAskedForStayOpen() throws IOException {
    TestingFileSource source = sharded();
    try (ModelWeights weights = ModelWeights.open(source)) {
      assertThat(weights.names()).containsExactly("a", "b", "c");
      ByteBuffer b = ByteBuffer.allocate(12);
      weights.read("b", b);
      ByteBuffer part = ByteBuffer.allocate(4);
      weights.read("b", 8, part);
      assertThat(b.get(11)).isEqualTo((byte) 11);
      assertThat(part.get(0)).isEqualTo((byte) 8);
      assertThat(source.opened())
          .containsExactly(SafetensorsIndex.FILE_NAME, SHARD_1, SHARD_2, SHARD_2);
      assertThat(source.numOpen()).isOne();
    }
    assertThat(source.allClosed()).isTrue();
  }

  @Test
  void folderWithoutWeightsIsRefused() {
    assertThatThrownBy(() -> ModelWeights.open(new TestingFileSource()))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("memory:/model has neither");
    TestingFileSource pickled = new TestingFileSource().with("pytorch_model.bin", new byte[1]);
    assertThatThrownBy(() -> ModelWeights.open(pickled))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("safe_serialization=True");
    TestingFileSource mistral =
        new TestingFileSource().with("consolidated.safetensors", new byte[1]);
    assertThatThrownBy(() -> ModelWeights.open(mistral))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("consolidated.safetensors");
  }

  @Test
  void allMissingShardsAreNamedTogether() {
    TestingFileSource source =
        new TestingFileSource()
            .with(
                SafetensorsIndex.FILE_NAME, TestingFiles.index(Map.of("a", SHARD_1, "b", SHARD_2)));
    assertThatThrownBy(() -> ModelWeights.open(source))
        .isInstanceOf(SafetensorsException.class)
        .hasMessageContaining("lacks 2 of the files")
        .hasMessageContaining(SHARD_1)
        .hasMessageContaining(SHARD_2);
  }

  @Test
  void shardsHoldWhatTheyHoldWhateverTheIndexSays() throws IOException {
    TestingFileSource source =
        sharded()
            .with(
                SafetensorsIndex.FILE_NAME,
                TestingFiles.index(Map.of("a", SHARD_2, "stale", SHARD_1)));
    try (ModelWeights weights = ModelWeights.open(source)) {
      assertThat(weights.names()).containsExactly("a", "b", "c");
      assertThat(weights.entry("a").shape()).containsExactly(2L);
      assertThat(weights.warnings())
          .singleElement(STRING)
          .contains("names 1 tensors that no file holds: stale");
    }
    assertThat(source.allClosed()).isTrue();
  }

  @Test
  void lastOfSeveralFilesCountsAndThatIsSaid() throws IOException {
    TestingFileSource source =
        sharded().with(SHARD_2, TestingFiles.counting(f32("b", 3L), f32("a", 5L)));
    try (ModelWeights weights = ModelWeights.open(source)) {
      assertThat(weights.entry("a").shape()).containsExactly(5L);
      assertThat(weights.warnings()).singleElement(STRING).contains("in several files", ": a");
    }
  }

  @Test
  void indexOfFilesThatAreGoneDoesNotMatterBesideASingleFile() throws IOException {
    TestingFileSource source =
        new TestingFileSource()
            .with(SafetensorsIndex.FILE_NAME, TestingFiles.index(Map.of("a", SHARD_1)))
            .with(ModelWeights.SINGLE_FILE, TestingFiles.counting(f32("only", 2L)));
    try (ModelWeights weights = ModelWeights.open(source)) {
      assertThat(weights.names()).containsExactly("only");
    }
  }

  @Test
  void unknownTensorIsNamed() throws IOException {
    try (ModelWeights weights = ModelWeights.open(sharded())) {
      assertThatThrownBy(() -> weights.entry("d"))
          .isInstanceOf(SafetensorsException.class)
          .hasMessageContaining("memory:/model has no tensor 'd'");
    }
  }

  private static TestingFileSource sharded() throws IOException {
    return new TestingFileSource()
        .with(
            SafetensorsIndex.FILE_NAME,
            TestingFiles.index(Map.of("a", SHARD_1, "b", SHARD_2, "c", SHARD_1)))
        .with(SHARD_1, TestingFiles.counting(f32("a", 2L), f32("c", 1L)))
        .with(SHARD_2, TestingFiles.counting(f32("b", 3L)));
  }
}
