package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.engine.checkpoint.CheckpointStore;
import dev.penstock.engine.checkpoint.CheckpointStoreContract;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopCheckpointStoreTest extends CheckpointStoreContract {
  @TempDir Path folder;

  @Override
  protected CheckpointStore store() throws IOException {
    return HadoopCheckpointStore.of(
        folder.resolve("store").toUri().toString(), new Configuration());
  }

  @Test
  void localFolderHasNoChecksumFiles() throws IOException {
    try (OutputStream out = store().create("config.json")) {
      out.write(1);
    }
    try (var files = Files.list(folder.resolve("store"))) {
      assertThat(files).containsExactly(folder.resolve("store/config.json"));
    }
  }

  @Test
  void locationNamesTheScheme() throws IOException {
    assertThat(store().location()).isEqualTo("file:" + folder.resolve("store"));
  }
}
