package dev.penstock.spark.fs;

import dev.penstock.storage.Folder;
import dev.penstock.storage.LeaseContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class S3LeaseIT extends LeaseContract {
  private final String folder = TestS3.newFolder();

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(folder, TestS3.configure(new Configuration()));
  }
}
