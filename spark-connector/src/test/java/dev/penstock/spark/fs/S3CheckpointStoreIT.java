package dev.penstock.spark.fs;

import dev.penstock.engine.checkpoint.CheckpointStore;
import dev.penstock.engine.checkpoint.CheckpointStoreContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class S3CheckpointStoreIT extends CheckpointStoreContract {
  private final String folder = TestS3.newFolder();

  @Override
  protected CheckpointStore store() throws IOException {
    return HadoopCheckpointStore.of(folder, TestS3.configure(new Configuration()));
  }
}
