package dev.penstock.examples.chaos;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** Local files under a scheme of their own, whose writes can fail. */
abstract class FaultyFiles extends RawLocalFileSystem {
  private Faults faults;

  /** Asked by the constructor already. */
  @Override
  public abstract String getScheme();

  @Override
  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    faults = new Faults(conf);
  }

  final Faults faults() {
    return faults;
  }

  @Override
  public URI getUri() {
    return URI.create(getScheme() + ":///");
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return plain(super.getFileStatus(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    FileStatus[] all = super.listStatus(path);
    for (int i = 0; i < all.length; i++) {
      all[i] = plain(all[i]);
    }
    return all;
  }

  /** Without the permissions, which the local file system finds for its own scheme only. */
  private static FileStatus plain(FileStatus status) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        1,
        status.getBlockSize(),
        status.getModificationTime(),
        status.getPath());
  }
}
