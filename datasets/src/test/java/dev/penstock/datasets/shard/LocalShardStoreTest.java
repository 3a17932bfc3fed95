package dev.penstock.datasets.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalShardStoreTest extends ShardStoreContract {
  @TempDir Path folder;

  @Override
  protected ShardStore store() {
    return new LocalShardStore(folder.resolve("shards"));
  }

  @Test
  void unfinishedFileIsNotVisible() throws IOException {
    try (OutputStream out = store().create("a")) {
      out.write(1);
      assertThat(store().exists("a")).isFalse();
      assertThat(store().list()).isEmpty();
    }
    assertThat(store().list()).containsExactly("a");
    assertThat(folder.resolve("shards")).isDirectoryNotContaining("glob:**.unfinished");
  }

  @Test
  void closingTwiceIsHarmless() throws IOException {
    OutputStream out = store().create("a");
    out.close();
    out.close();
    assertThat(store().list()).containsExactly("a");
  }
}
