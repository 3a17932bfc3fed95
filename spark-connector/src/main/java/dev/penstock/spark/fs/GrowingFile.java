package dev.penstock.spark.fs;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A file that can be read while it grows. Where the file system can flush a file that is being
 * written (disks, HDFS), whatever was appended is there at once. Elsewhere, on object stores, the
 * whole file is written anew, once a minute at most and at the end; so it is kept in memory.
 *
 * <p>Used by one thread.
 */
public final class GrowingFile implements AutoCloseable {
  private static final Duration INTERVAL = Duration.ofMinutes(1);

  private final HadoopFolder folder;
  private final String name;
  private final LongSupplier nanos;

  /** Null where the file is written as a whole. */
  private final @Nullable FSDataOutputStream out;

  private final ByteArrayOutputStream whole = new ByteArrayOutputStream();
  private boolean stale;
  private long writtenNanos;

  private GrowingFile(
      HadoopFolder folder, String name, @Nullable FSDataOutputStream out, LongSupplier nanos) {
    this.folder = folder;
    this.name = name;
    this.out = out;
    this.nanos = nanos;
    writtenNanos = nanos.getAsLong() - INTERVAL.toNanos();
  }

  /** Begins a file, in place of an older one of its name. */
  public static GrowingFile create(HadoopFolder folder, String name) throws IOException {
    return create(folder, name, System::nanoTime);
  }

  static GrowingFile create(HadoopFolder folder, String name, LongSupplier nanos)
      throws IOException {
    return new GrowingFile(folder, name, folder.createFlushable(name), nanos);
  }

  /** Adds bytes to the end. */
  public void append(byte[] bytes) throws IOException {
    if (out != null) {
      out.write(bytes);
      out.hflush();
      return;
    }
    whole.writeBytes(bytes);
    stale = true;
    if (nanos.getAsLong() - writtenNanos >= INTERVAL.toNanos()) {
      writeWhole();
    }
  }

  private void writeWhole() throws IOException {
    writtenNanos = nanos.getAsLong(); // also where it fails: not every line is to try again
    folder.write(name, whole.toByteArray());
    stale = false;
  }

  /** Writes what is not written yet. A file that was deleted meanwhile does not come back. */
  @Override
  public void close() throws IOException {
    if (out == null) {
      if (stale) {
        writeWhole();
      }
      return;
    }
    try {
      out.close();
    } catch (FileNotFoundException e) {
      // the folder of the run is gone, and the file with it
    }
  }
}
