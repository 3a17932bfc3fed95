package dev.penstock.spark.fs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.penstock.storage.Folder;
import dev.penstock.storage.FolderContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HadoopFolderTest extends FolderContract {
  @TempDir Path temp;

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(temp.resolve("store").toUri().toString(), new Configuration());
  }

  @Test
  void localFolderHasNoChecksumFiles() throws IOException {
    folder().write("config.json", new byte[] {1});
    try (var files = Files.list(temp.resolve("store"))) {
      assertThat(files).containsExactly(temp.resolve("store/config.json"));
    }
  }

  @Test
  void locationNamesTheScheme() throws IOException {
    assertThat(folder().location()).isEqualTo("file:" + temp.resolve("store"));
  }
}
