package dev.penstock.spark.barrier;

import dev.penstock.spark.fs.HadoopFolder;
import java.io.IOException;
import org.apache.hadoop.conf.Configuration;

/**
 * The file by which the driver tells the ranks to end after the step that they are in, with a
 * checkpoint. A file, for Spark has no way from the driver to a running task but to kill it, and
 * all cluster managers have the folder in common.
 */
final class StopMarker {
  private static final String NAME = "stop";

  private final HadoopFolder folder;

  /**
   * @param folder one of the attempt's own
   */
  StopMarker(String folder, Configuration conf) throws IOException {
    this.folder = HadoopFolder.of(folder, conf);
  }

  /** Called by the driver. */
  void set() throws IOException {
    folder.write(NAME, new byte[0]);
  }

  /** Asked by a rank, now and again. */
  boolean isSet() throws IOException {
    return folder.exists(NAME);
  }
}
