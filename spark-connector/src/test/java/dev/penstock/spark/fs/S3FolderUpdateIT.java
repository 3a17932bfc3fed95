package dev.penstock.spark.fs;

import dev.penstock.storage.Folder;
import dev.penstock.storage.FolderUpdateContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class S3FolderUpdateIT extends FolderUpdateContract {
  private final String folder = TestS3.newFolder();

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(folder, TestS3.configure(new Configuration()));
  }
}
