package dev.penstock.examples.chaos;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.CommonPathCapabilities;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.Progressable;

/**
 * An object store on local files, which is slow and fails at random: an object is there when its
 * stream is closed, and maybe although that failed, as when the answer is lost on the way. Nothing
 * is renamed.
 */
public final class FaultyStore extends FaultyFiles {
  static final String SCHEME = "faultystore";

  /** Made by Hadoop. */
  public FaultyStore() {}

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public boolean hasPathCapability(Path path, String capability) throws IOException {
    return capability.equals(CommonPathCapabilities.ABORTABLE_STREAM)
        || super.hasPathCapability(path, capability);
  }

  @Override
  public boolean rename(Path source, Path target) throws IOException {
    throw new IOException("An object store cannot rename %s.".formatted(source));
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
    faults().delay();
    faults().failAtRandom(file.toString());
    return new FSDataOutputStream(new Upload(file), null);
  }

  /** An object that nobody sees yet. */
  private final class Upload extends OutputStream implements Abortable {
    private final Path file;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean over;

    Upload(Path file) {
      this.file = file;
    }

    @Override
    public void write(int b) {
      bytes.write(b);
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      bytes.write(source, offset, length);
    }

    @Override
    public void close() throws IOException {
      if (over) {
        return;
      }
      over = true;
      faults().delay();
      faults().failAtRandom(file.toString());
      java.nio.file.Path upload = Files.createTempFile("penstock-upload", null);
      Files.write(upload, bytes.toByteArray());
      java.nio.file.Path object = pathToFile(file).toPath();
      Files.createDirectories(object.getParent());
      Files.move(upload, object, StandardCopyOption.ATOMIC_MOVE);
      faults().failAtRandom(file.toString());
    }

    @Override
    public AbortableResult abort() {
      over = true;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return false;
        }

        @Override
        public IOException anyCleanupException() {
          return null;
        }
      };
    }
  }
}
