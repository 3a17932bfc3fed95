package dev.penstock.spark.fs;

import dev.penstock.storage.Folder;
import dev.penstock.storage.FolderUpdateContract;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

class HdfsFolderUpdateIT extends FolderUpdateContract {
  private final String folder = TestHdfs.newFolder();

  @Override
  protected Folder folder() throws IOException {
    return HadoopFolder.of(folder, new Configuration());
  }
}
