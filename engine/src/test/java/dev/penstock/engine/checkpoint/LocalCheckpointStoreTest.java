package dev.penstock.engine.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.safetensors.ModelWeights;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalCheckpointStoreTest extends CheckpointStoreContract {
  @TempDir Path folder;

  @Override
  protected CheckpointStore store() {
    return new LocalCheckpointStore(folder.resolve("checkpoints"));
  }

  @Test
  void unfinishedFileIsNotVisible() throws IOException {
    try (OutputStream out = store().create("a")) {
      out.write(1);
      assertThat(store().exists("a")).isFalse();
      assertThat(store().list()).isEmpty();
    }
    assertThat(store().list()).containsExactly("a");
    assertThat(folder.resolve("checkpoints")).isDirectoryNotContaining("glob:**.unfinished");
  }

  @Test
  void closingTwiceIsHarmless() throws IOException {
    OutputStream out = store().create("a");
    out.close();
    out.close();
    assertThat(store().list()).containsExactly("a");
  }

  @Test
  void storeHoldsAModel() throws IOException, URISyntaxException {
    Path model = Path.of(LocalCheckpointStoreTest.class.getResource("/hf/llama").toURI());
    try (ModelWeights weights = ModelWeights.open(new LocalCheckpointStore(model))) {
      assertThat(weights.entry("lm_head.weight").shape()).containsExactly(320L, 64L);
    }
  }
}
