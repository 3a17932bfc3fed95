package dev.penstock.spark.fs;

import dev.penstock.datasets.shard.ShardStore;
import dev.penstock.datasets.shard.ShardStoreContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class S3ShardStoreIT extends ShardStoreContract {
  private final String folder = TestS3.newFolder();

  @Override
  protected ShardStore store() throws IOException {
    return HadoopShardStore.of(folder, TestS3.configure(new Configuration()));
  }
}
