package dev.penstock.spark.fs;

import dev.penstock.engine.checkpoint.CheckpointContract;
import dev.penstock.storage.Folder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class HdfsCheckpointIT extends CheckpointContract {
  private final String folder = TestHdfs.newFolder();

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(folder, new Configuration());
  }
}
