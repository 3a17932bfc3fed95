package dev.penstock.spark.fs;

import dev.penstock.datasets.shard.ShardStore;
import dev.penstock.datasets.shard.ShardStoreContract;
import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;

class HadoopShardStoreTest extends ShardStoreContract {
  @TempDir Path folder;

  @Override
  protected ShardStore store() throws IOException {
    return HadoopShardStore.of(folder.resolve("store").toUri().toString(), new Configuration());
  }
}
