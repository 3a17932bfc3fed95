package dev.penstock.spark.fs;

import dev.penstock.datasets.shard.ShardStore;
import dev.penstock.datasets.shard.ShardStoreContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class HdfsShardStoreIT extends ShardStoreContract {
  private final String folder = TestHdfs.newFolder();

  @Override
  protected ShardStore store() throws IOException {
    return HadoopShardStore.of(folder, new Configuration());
  }
}
