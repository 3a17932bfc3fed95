package dev.penstock.spark.fs;

import dev.penstock.storage.FileOutput;
import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file on a Hadoop file system that is being written. Object stores show nothing of it before its
 * stream is closed and can give it up before that (their streams are abortable); elsewhere it is
 * written under another name beside it and renamed, which is cheap there.
 */
final class HadoopFile extends FileOutput {
  private static final String SUFFIX = ".unfinished";

  private final FileSystem fs;
  private final Path path;
  private final @Nullable Path unfinished;
  private final FSDataOutputStream out;

  private HadoopFile(FileSystem fs, Path path, @Nullable Path unfinished, FSDataOutputStream out) {
    this.fs = fs;
    this.path = path;
    this.unfinished = unfinished;
    this.out = out;
  }

  static HadoopFile create(FileSystem fs, Path path) throws IOException {
    if (fs.hasPathCapability(path, CommonPathCapabilities.ABORTABLE_STREAM)) {
      return new HadoopFile(fs, path, null, fs.create(path, true));
    }
    Path unfinished =
        new Path(path.getParent(), "." + path.getName() + "." + UUID.randomUUID() + SUFFIX);
    return new HadoopFile(fs, path, unfinished, fs.create(unfinished, false));
  }

  static boolean isUnfinished(String name) {
    return isUnfinished(name, "");
  }

  /** Whether it is what there is so far of a file. */
  static boolean isUnfinishedOf(String name, String file) {
    return isUnfinished(name, file + ".");
  }

  private static boolean isUnfinished(String name, String beginning) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last.startsWith("." + beginning) && last.endsWith(SUFFIX);
  }

  @Override
  public void write(int b) throws IOException {
    out.write(b);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out.write(bytes, offset, length);
  }

  @Override
  protected void publish() throws IOException {
    out.close();
    if (unfinished != null) {
      ReplacingRename.rename(fs, unfinished, path);
    }
  }

  @Override
  protected void keep() throws IOException {
    if (unfinished == null) {
      out.abort();
    } else {
      out.close();
    }
  }

  @Override
  protected void abort() throws IOException {
    if (unfinished == null) {
      out.abort();
      return;
    }
    try {
      out.close();
    } finally {
      fs.delete(unfinished, false);
    }
  }
}
