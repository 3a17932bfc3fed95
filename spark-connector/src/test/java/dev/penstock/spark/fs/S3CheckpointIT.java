package dev.penstock.spark.fs;

import dev.penstock.engine.checkpoint.CheckpointContract;
import dev.penstock.storage.Folder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class S3CheckpointIT extends CheckpointContract {
  private final String folder = TestS3.newFolder();

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(folder, TestS3.configure(new Configuration()));
  }
}
