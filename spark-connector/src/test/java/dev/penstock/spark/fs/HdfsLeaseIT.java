package dev.penstock.spark.fs;

import dev.penstock.storage.Folder;
import dev.penstock.storage.LeaseContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class HdfsLeaseIT extends LeaseContract {
  private final String folder = TestHdfs.newFolder();

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(folder, new Configuration());
  }
}
