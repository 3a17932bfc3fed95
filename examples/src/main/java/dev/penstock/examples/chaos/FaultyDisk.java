package dev.penstock.examples.chaos;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.Progressable;

/** A local disk that is full at times. */
public final class FaultyDisk extends FaultyFiles {
  static final String SCHEME = "faultydisk";

  /** Made by Hadoop. */
  public FaultyDisk() {}

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public FSDataOutputStream create(
      Path file,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    faults().failIfFull(file.toString());
    OutputStream out = super.create(file, overwrite, bufferSize, replication, blockSize, progress);
    return new FSDataOutputStream(
        new FilterOutputStream(out) {
          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            faults().failIfFull(file.toString());
            out.write(bytes, offset, length);
          }
        },
        null);
  }
}
