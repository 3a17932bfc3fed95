package dev.penstock.spark.fs;

import dev.penstock.engine.checkpoint.CheckpointStore;
import dev.penstock.engine.checkpoint.CheckpointStoreContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class HdfsCheckpointStoreIT extends CheckpointStoreContract {
  private final String folder = TestHdfs.newFolder();

  @Override
  protected CheckpointStore store() throws IOException {
    return HadoopCheckpointStore.of(folder, new Configuration());
  }
}
